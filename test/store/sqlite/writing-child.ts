/** Accepts message after message until it is killed, and tells of each one that is stored. */
import { openSqliteStore } from "../../../src/sqlite.ts";
import { busy, say } from "../../../src/testing/contract/steps.ts";

await using store = await openSqliteStore({ path: process.argv[2] ?? "", ...busy({ maxWaiting: 1_000_000 }) });
for (let n = 1; process.connected; n += 1) {
  await say(store, `message ${n}`);
  process.send?.(n);
}
