import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();
const NOON = Date.UTC(2026, 10, 22, 12);
const ADA = { platform: "test", account: "default", kind: "person", id: "ada" } as const;

test("who asked before the clock was set back is told again, and not only when that time comes again", async () => {
  const path = newPath();
  {
    await using store = await openSqliteStore({ path, clock: createManualClock(NOON + 86_400_000) });
    assert.equal((await store.requestAccess(ADA, null)).outcome, "asked");
  }
  await using store = await openSqliteStore({ path, clock: createManualClock(NOON) });
  assert.equal((await store.requestAccess(ADA, null)).outcome, "asked");
  assert.deepEqual(await store.requestAccess(ADA, null), { outcome: "told" });
  assert.deepEqual(
    (await store.reader.accessList()).requests.map(({ askedAt }) => askedAt),
    [NOON],
  );
});
