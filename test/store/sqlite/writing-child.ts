/** Accepts message after message until it is killed, and tells of each one that is stored. */
import { openSqliteStore } from "../../../src/sqlite.ts";
import { messageOf } from "../../../src/testing/sources.ts";

await using store = await openSqliteStore({ path: process.argv[2] ?? "" });
for (let n = 1; process.connected; n += 1) {
  await store.accept(messageOf(`message ${n}`));
  process.send?.(n);
}
