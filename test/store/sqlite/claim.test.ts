import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { claim, claimNext, resultOf, say } from "../../../src/testing/contract/steps.ts";
import { sourceOf } from "../../../src/testing/sources.ts";
import { openRaw, scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();

const DAMAGES = {
  "is due and nothing waits in it": `due_at = 1`,
  "names a turn that is not there": `due_at = 1, turn_id = 'trn_none'`,
};

for (const [damage, set] of Object.entries(DAMAGES)) {
  test(`a session that ${damage} holds up no other one, and is spoken of`, async () => {
    const path = newPath();
    await using store = await openSqliteStore({ path });
    await say(store, "hello", { source: sourceOf({ user: "damaged" }) });
    await store.commitTurn((await claim(store)).lease, resultOf("hi"));
    {
      using db = openRaw(path);
      db.exec(`UPDATE session SET ${set} WHERE user = 'damaged'`);
    }
    await say(store, "hello", { source: sourceOf({ user: "healthy" }) });
    assert.equal((await claim(store)).session.source.user, "healthy");
    await assert.rejects(claimNext(store), /session ses_\w+ is due .* run `parlor doctor`/);
  });
}
