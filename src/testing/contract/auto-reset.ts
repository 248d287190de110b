import assert from "node:assert/strict";
import type { ResetPolicy } from "../../core/reset-policy.ts";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, drainEvents, HOUR, MINUTE, resultOf, say, stored, typesOf } from "./steps.ts";

/** The end of a life by its reset policy: I15, I16. Times of day are in `daily-reset.ts`. */
export function autoReset(contract: Contract): void {
  const under = (policy: ResetPolicy): Contract => contract.given({ reset: { default: policy } });
  const idle = under({ mode: "idle", idleMs: HOUR });

  idle.states("I15 auto-reset: after the idle time the next message opens the next life", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(HOUR - 1);
    assert.equal((await store.getOrCreate(sourceOf())).id, session.id);
    clock.advance(1);
    const draft = await store.getOrCreate(sourceOf());
    assert.deepEqual([draft.epoch, draft.persisted], [2, false]);
    assert.deepEqual(draft.reset, { reason: "idle", hadActivity: true });

    const next = await say(store, "good morning");
    assert.deepEqual([next.session.id, next.opened, next.seq], [draft.id, true, 1]);
    assert.deepEqual(next.session.reset, { reason: "idle", hadActivity: true });
    const old = await stored(store, session.id);
    assert.equal(old.endReason, "idle");
    assert.notEqual(old.endedAt, null);
  });

  idle.states(
    "I15 auto-reset: nobody is written down as gone before the next message comes",
    async ({ store, clock }) => {
      const { session } = await say(store, "hello");
      await answer(store, "hi");
      clock.advance(2 * HOUR);
      const before = await store.reader.stats();
      await store.getOrCreate(sourceOf());
      assert.deepEqual(await store.reader.stats(), before);
      assert.equal((await stored(store, session.id)).endedAt, null);
    },
  );

  idle.states("I15 auto-reset: never while a message waits", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    clock.advance(5 * HOUR);
    assert.equal((await store.getOrCreate(sourceOf())).id, session.id);
    assert.equal((await say(store, "still there?")).session.id, session.id);
  });

  idle.states("I15 auto-reset: never while a turn runs or waits for its next attempt", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const first = await claim(store);
    clock.advance(5 * HOUR);
    assert.equal((await store.getOrCreate(sourceOf())).id, session.id);
    const second = await claim(store);
    assert.equal(second.lease.turnId, first.lease.turnId);
    await store.failTurn(second.lease, { reason: "busy", retryAt: clock.now() + 9 * HOUR, notice: "", pieces: [] });
    clock.advance(5 * HOUR);
    assert.equal((await say(store, "still there?")).session.id, session.id);
  });

  idle.states("I15 auto-reset: only a person's words are activity", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    clock.advance(30 * MINUTE);
    await answer(store, "hi");
    await store.update({ sessionId: session.id }, { title: "A title", memoryFlushed: true });
    assert.equal((await store.overhear(messageOf("by the way"))).outcome, "overheard");
    assert.equal((await stored(store, session.id)).lastUserMessageAt, session.lastUserMessageAt);
    clock.advance(30 * MINUTE);
    assert.deepEqual((await store.getOrCreate(sourceOf())).reset, { reason: "idle", hadActivity: true });
  });

  idle.states("I15 auto-reset: overheard words do not join a life that is over", async ({ store, clock }) => {
    await say(store, "hello");
    await answer(store, "hi");
    clock.advance(2 * HOUR);
    assert.deepEqual(await store.overhear(messageOf("by the way")), { outcome: "ignored" });
  });

  idle.states("I15 auto-reset: a person's words are", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(50 * MINUTE);
    await say(store, "one more");
    await answer(store, "sure");
    clock.advance(50 * MINUTE);
    assert.equal((await store.getOrCreate(sourceOf())).id, session.id);
  });

  idle.states(
    "I15 auto-reset: a pinned session that nobody spoke in counts from its start",
    async ({ store, clock }) => {
      await store.ensurePersisted(await store.getOrCreate(sourceOf()));
      clock.advance(HOUR);
      assert.deepEqual((await store.getOrCreate(sourceOf())).reset, { reason: "idle", hadActivity: false });
    },
  );

  idle.states(
    "I14 reset: a command after the silence does not hide that silence ended the life",
    async ({ store, clock }) => {
      const { session } = await say(store, "hello");
      await answer(store, "hi");
      clock.advance(HOUR);
      const outcome = await store.reset({ source: sourceOf() });
      assert.ok(outcome.outcome === "reset");
      assert.deepEqual([outcome.ended.id, outcome.ended.endReason], [session.id, "idle"]);
      assert.deepEqual(outcome.draft.reset, { reason: "idle", hadActivity: true });
    },
  );

  idle.states("I16 rollover: pinning the next life ends the one that is due", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(HOUR);
    const pinned = await store.ensurePersisted(await store.getOrCreate(sourceOf()));
    assert.equal(pinned.epoch, 2);
    assert.equal((await stored(store, session.id)).endReason, "idle");
    assert.equal((await store.reader.stats()).liveSessions, 1);
  });

  idle.states("I16 rollover: both lives tell of it once", async ({ store, clock }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(HOUR);
    const message = messageOf("good morning");
    const next = await store.accept(message);
    assert.ok(next.outcome === "accepted");
    await store.accept(message);
    await say(store, "and more");
    const events = await drainEvents(store);
    assert.deepEqual(typesOf(events, session.id), ["session:start", "turn:start", "turn:end", "session:end"]);
    assert.deepEqual(typesOf(events, next.session.id), ["session:start"]);
    const end = events.find((event) => event.type === "session:end");
    const start = events.find((event) => event.sessionId === next.session.id);
    assert.equal(end?.reason, "idle");
    assert.ok(start?.type === "session:start");
    assert.deepEqual([start.epoch, start.reset], [2, "idle"]);
  });

  idle.states("I16 rollover: a duplicate of an old message ends nothing", async ({ store, clock }) => {
    const message = messageOf("hello");
    await store.accept(message);
    const { lease } = await claim(store);
    await store.commitTurn(lease, resultOf("hi"));
    clock.advance(2 * HOUR);
    assert.equal((await store.accept(message)).outcome, "duplicate");
    assert.equal((await stored(store, lease.sessionId)).endedAt, null);
  });

  for (const policy of [{ mode: "none" }, { mode: "idle", idleMs: 0 }] as const) {
    under(policy).states(`I15 auto-reset: never under ${JSON.stringify(policy)}`, async ({ store, clock }) => {
      const { session } = await say(store, "hello");
      await answer(store, "hi");
      clock.advance(10_000 * HOUR);
      assert.equal((await say(store, "after a year")).session.id, session.id);
    });
  }

  const byPlatform = contract.given({
    reset: { default: { mode: "none" }, rules: [{ platform: "pager", policy: { mode: "idle", idleMs: HOUR } }] },
  });

  byPlatform.states("I15 auto-reset: the policy is the one of the source", async ({ store, clock }) => {
    for (const platform of ["pager", "mail"]) {
      await say(store, "hello", { source: sourceOf({ platform }) });
      await answer(store, "hi");
    }
    clock.advance(HOUR);
    assert.equal((await store.getOrCreate(sourceOf({ platform: "pager" }))).epoch, 2);
    assert.equal((await store.getOrCreate(sourceOf({ platform: "mail" }))).epoch, 1);
  });

  if (!contract.durable) return;

  idle.states("I15 auto-reset: a restart does not wind the clock up again", async ({ store, clock, reopen }) => {
    await say(store, "hello");
    await answer(store, "hi");
    clock.advance(50 * MINUTE);
    const restarted = await reopen();
    await restarted.sweep();
    clock.advance(10 * MINUTE);
    assert.equal((await restarted.getOrCreate(sourceOf())).epoch, 2);
    assert.equal((await say(restarted, "good morning")).session.endReason, null);
  });
}
