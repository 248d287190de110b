import assert from "node:assert/strict";
import type { Glance } from "../../store/reader.ts";
import type { Store } from "../../store/store.ts";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, MINUTE, resultOf, say } from "./steps.ts";

async function glanceAt({ reader }: Store, sessionId: string): Promise<Glance> {
  const glance = (await reader.glance([sessionId])).get(sessionId);
  assert.ok(glance !== undefined, "a stored session must be shown");
  return glance;
}

/** What a list shows besides the rows: I18. */
export function glances(contract: Contract): void {
  contract.states("I18 glance: what was said last, by whom and when", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const at = clock.now();
    assert.deepEqual((await glanceAt(store, session.id)).lastEntry, { role: "user", text: "hello", createdAt: at });
    clock.advance(MINUTE);
    await answer(store, "hi");
    const answered = { role: "assistant", text: "hi", createdAt: at + MINUTE };
    assert.deepEqual((await glanceAt(store, session.id)).lastEntry, answered);
    await store.overhear(messageOf("in passing"));
    assert.equal((await glanceAt(store, session.id)).lastEntry?.text, "in passing");
  });

  contract.states("I18 glance: busy while a message waits or runs, and not otherwise", async ({ store, clock }) => {
    const { session } = await say(store, "one");
    const isBusy = async (): Promise<boolean> => (await glanceAt(store, session.id)).isBusy;
    assert.equal(await isBusy(), true);
    const { lease } = await claim(store);
    assert.equal(await isBusy(), true);
    await store.failTurn(lease, { reason: "busy", retryAt: clock.now() + MINUTE, notice: "", pieces: [] });
    assert.equal(await isBusy(), true, "a turn between attempts is still to be answered");
    clock.advance(MINUTE);
    await store.commitTurn((await claim(store)).lease, resultOf("hi"));
    assert.equal(await isBusy(), false);
    await say(store, "two");
    await store.cancelTurn({ sessionId: session.id });
    assert.equal(await isBusy(), false);
    await say(store, "three");
    await store.reset({ sessionId: session.id });
    assert.equal(await isBusy(), false);
  });

  contract.states("I18 glance: at most 200 characters, none of them cut in half", async ({ store }) => {
    const { session } = await say(store, `${"x".repeat(199)}🙂 and more`);
    assert.equal((await glanceAt(store, session.id)).lastEntry?.text, "x".repeat(199));
    await say(store, "🙂".repeat(150));
    assert.equal((await glanceAt(store, session.id)).lastEntry?.text, "🙂".repeat(100));
    await say(store, "y".repeat(200));
    assert.equal((await glanceAt(store, session.id)).lastEntry?.text, "y".repeat(200));
  });

  contract.states("I18 glance: stored sessions only, each once", async ({ store }) => {
    const ada = await say(store, "hello");
    const bob = await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    const pinned = await store.ensurePersisted(await store.getOrCreate(sourceOf({ user: "cyd" })));
    const draft = await store.getOrCreate(sourceOf({ user: "dan" }));
    await store.erase(bob.session.id);
    const ids = [ada.session.id, bob.session.id, pinned.id, draft.id, ada.session.id, "nonsense"];
    const found = await store.reader.glance(ids);
    assert.deepEqual([...found.keys()], [ada.session.id, pinned.id]);
    assert.deepEqual(found.get(pinned.id), { isBusy: false, lastEntry: null });
    assert.equal((await store.reader.glance([])).size, 0);
  });
}
