import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { drainEvents, say, stored, typesOf } from "./steps.ts";

/** `ensurePersisted`, the one way to a row without content: I6, I8. */
export function pinning(contract: Contract): void {
  contract.states(
    "I6 pinned: a draft can be written before anyone speaks, and is counted apart",
    async ({ store, clock }) => {
      const draft = await store.getOrCreate(sourceOf());
      const session = await store.ensurePersisted(draft);
      assert.equal(session.id, draft.id);
      assert.equal(session.persisted, true);
      assert.equal(session.pinnedAt, clock.now());
      assert.equal(session.startedAt, clock.now());
      assert.equal(session.lastUserMessageAt, null);
      assert.deepEqual(await stored(store, draft.id), session);
      const { sessions, liveSessions, pinnedSessions, emptySessions } = await store.reader.stats();
      assert.deepEqual(
        { sessions, liveSessions, pinnedSessions, emptySessions },
        { sessions: 1, liveSessions: 1, pinnedSessions: 1, emptySessions: 0 },
      );
    },
  );

  contract.states(
    "I6 pinned: a second call, and a call for a stored session, change nothing",
    async ({ store, clock }) => {
      const draft = await store.getOrCreate(sourceOf());
      const first = await store.ensurePersisted(draft);
      clock.advance(1000);
      assert.deepEqual(await store.ensurePersisted(draft), first);
      assert.deepEqual(await store.ensurePersisted(first), first);
      const source = sourceOf({ user: "bob" });
      const early = await store.getOrCreate(source);
      const { session } = await say(store, "hello", { source });
      assert.deepEqual(await store.ensurePersisted(early), session);
      assert.equal((await stored(store, session.id)).pinnedAt, null);
    },
  );

  contract.states("I6 pinned: what is said later joins the pinned row", async ({ store }) => {
    await store.watchEvents();
    const pinned = await store.ensurePersisted(await store.getOrCreate(sourceOf()));
    const { session, seq } = await say(store, "hello");
    assert.equal(session.id, pinned.id);
    assert.equal(seq, 1);
    assert.equal((await store.reader.stats()).sessions, 1);
    assert.deepEqual(typesOf(await drainEvents(store), session.id), ["session:start"]);
  });

  contract.states("I8 pinned: a title given to the draft is part of the pinned row", async ({ store }) => {
    await store.update({ source: sourceOf() }, { title: "Plans" });
    const session = await store.ensurePersisted(await store.getOrCreate(sourceOf()));
    assert.equal(session.title, "Plans");
  });

  contract.states("I8 pinned: a draft whose life is over or erased meanwhile is refused", async ({ store }) => {
    const ended = await store.getOrCreate(sourceOf());
    await say(store, "hello");
    await store.reset({ source: sourceOf() });
    await assert.rejects(store.ensurePersisted(ended), { code: "GONE" });

    const source = sourceOf({ user: "bob" });
    const erased = await store.getOrCreate(source);
    await say(store, "hello", { source });
    await store.erase(erased.id);
    await assert.rejects(store.ensurePersisted(erased), { code: "GONE" });
    assert.equal((await store.reader.stats()).sessions, 1);
  });

  contract.states("I14 pinned: the end of a pinned life that nobody spoke in says so", async ({ store }) => {
    await store.ensurePersisted(await store.getOrCreate(sourceOf()));
    const outcome = await store.reset({ source: sourceOf() });
    assert.ok(outcome.outcome === "reset");
    assert.deepEqual(outcome.draft.reset, { reason: "command", hadActivity: false });
  });
}
