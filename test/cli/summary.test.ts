import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openSqliteStore } from "../../src/sqlite.ts";
import { claim, resultOf, say } from "../../src/testing/contract/steps.ts";
import { createPlace, parlor, parlorJson } from "./parlor.ts";

test("I33 sessions show tells of the summary that stands for older entries, which are shown all the same", async (t) => {
  const place = createPlace(t);
  const id = await (async () => {
    await using store = await openSqliteStore({ path: join(place.home, "parlor.db") });
    const { session } = await say(store, "one");
    await store.commitTurn((await claim(store)).lease, resultOf("first"));
    await say(store, "two");
    const { lease } = await claim(store);
    await store.addSummary(lease, { text: "They said one. \u001b[31mRed.", throughSeq: 2 });
    await store.commitTurn(lease, resultOf("second"));
    return session.id;
  })();
  const { stdout } = await parlor(place, ["sessions", "show", id]);
  assert.match(stdout, /Summary of entries 1 to 2[^\n]*\nThey said one\. /);
  assert.ok(!stdout.includes("\u001b"));
  for (const text of ["one", "first", "two", "second"]) assert.ok(stdout.includes(text), text);
  const { summary } = await parlorJson<{ summary: { text: string; throughSeq: number } }>(place, [
    "sessions",
    "show",
    id,
  ]);
  assert.equal(summary.throughSeq, 2);
});
