import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import {
  answer,
  claim,
  claimNext,
  drainEvents,
  HOUR,
  LEASE_MS,
  sentResultOf,
  say,
  stored,
  transcriptOf,
} from "./steps.ts";

/** The end of a life by command: I14. */
export function reset(contract: Contract): void {
  contract.states("I14 reset: of a draft, nothing is written and nothing changes", async ({ store }) => {
    await say(store, "elsewhere", { source: sourceOf({ user: "bob" }) });
    const draft = await store.getOrCreate(sourceOf());
    const before = await store.reader.stats();
    const outcome = await store.reset({ source: sourceOf() });
    assert.ok(outcome.outcome === "unchanged");
    assert.equal(outcome.session.id, draft.id);
    assert.equal(outcome.session.persisted, false);
    assert.deepEqual(await store.reader.stats(), before);
    assert.deepEqual(await store.getOrCreate(sourceOf()), draft);
  });

  contract.states("I14 reset: it ends the life, and the next message opens the next one", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(HOUR);
    const outcome = await store.reset({ sessionId: session.id });
    assert.ok(outcome.outcome === "reset");
    assert.equal(outcome.cancelled, 0);
    assert.equal(outcome.ended.id, session.id);
    assert.equal(outcome.ended.endReason, "command");
    assert.equal(outcome.ended.endedAt, clock.now());
    assert.equal(outcome.draft.epoch, 2);
    assert.equal(outcome.draft.persisted, false);
    assert.deepEqual(outcome.draft.reset, { reason: "command", hadActivity: true });
    assert.deepEqual(await store.getOrCreate(sourceOf()), outcome.draft);
    assert.equal((await store.reader.stats()).sessions, 1);

    const next = await say(store, "anew");
    assert.equal(next.opened, true);
    assert.equal(next.session.id, outcome.draft.id);
    assert.deepEqual(next.session.reset, { reason: "command", hadActivity: true });
    assert.deepEqual((await stored(store, next.session.id)).reset, { reason: "command", hadActivity: true });
  });

  contract.states("I14 reset: what waits and what runs is cancelled", async ({ store }) => {
    const { session } = await say(store, "one");
    await claim(store);
    await say(store, "two");
    const outcome = await store.reset({ source: sourceOf() });
    assert.ok(outcome.outcome === "reset");
    assert.equal(outcome.cancelled, 2);
    const states = (await transcriptOf(store, session.id)).map(({ state }) => state);
    assert.deepEqual(states, ["cancelled", "cancelled"]);
    assert.deepEqual(await store.reader.reply(session.id, 2), {
      state: "cancelled",
      entries: [],
      usage: null,
      endReason: "command",
    });
    assert.equal(await claimNext(store), null);
    assert.deepEqual((await store.reader.stats()).turns.cancelled, 1);
  });

  contract.states("I14 reset: the fence rises, so that a running turn has lost", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    assert.equal((await store.openDelivery(lease)).outcome, "opened");
    await store.reset({ source: sourceOf() });
    assert.equal(await store.renewLease(lease, LEASE_MS), "lost");
    assert.deepEqual(await store.openDelivery(lease), { outcome: "lost" });
    assert.equal(await store.recordPost(lease, "remote"), "lost");
    assert.deepEqual(await store.commitTurn(lease, sentResultOf("too late")), { outcome: "lost" });
    const failure = { reason: "late", retryAt: clock.now(), notice: "sorry", pieces: ["sorry"] };
    assert.equal(await store.failTurn(lease, failure), "lost");
    assert.equal((await transcriptOf(store, session.id)).length, 1);
    const { deliveries } = await store.reader.stats();
    assert.deepEqual([deliveries.open, deliveries.pending], [0, 0]);
  });

  contract.states("I14 reset: an attempt that waits for its next try is cancelled, too", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.failTurn(lease, { reason: "busy", retryAt: clock.now() + HOUR, notice: "sorry", pieces: [] });
    const outcome = await store.reset({ source: sourceOf() });
    assert.ok(outcome.outcome === "reset");
    assert.equal(outcome.cancelled, 1);
    clock.advance(2 * HOUR);
    assert.equal(await claimNext(store), null);
  });

  contract.states("I14 reset: replies that were given before it are still delivered", async ({ store }) => {
    await say(store, "hello");
    await answer(store, "hi", true);
    await store.reset({ source: sourceOf() });
    const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
    assert.equal(taken?.text, "hi");
  });

  contract.states("I14 reset: the first reason wins, and an ended life stays as it is", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await store.reset({ source: sourceOf() });
    const ended = await stored(store, session.id);
    clock.advance(HOUR);
    const again = await store.reset({ sessionId: session.id });
    assert.ok(again.outcome === "unchanged");
    assert.equal(again.session.id, session.id);
    assert.equal((await store.reset({ source: sourceOf() })).outcome, "unchanged");
    assert.deepEqual(await stored(store, session.id), ended);
    await say(store, "anew");
    assert.equal((await store.reset({ sessionId: session.id })).outcome, "unchanged");
    assert.equal((await store.getOrCreate(sourceOf())).persisted, true);
  });

  contract.states("I19 lifecycle: a reset tells of the turn's end and then of the life's", async ({ store }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.reset({ source: sourceOf() });
    await store.reset({ source: sourceOf() });
    await say(store, "anew");
    const events = await drainEvents(store);
    const [, , turnEnd, end] = events.filter(({ sessionId }) => sessionId === session.id);
    assert.ok(turnEnd?.type === "turn:end" && end?.type === "session:end");
    assert.deepEqual([turnEnd.turnId, turnEnd.outcome, end.reason], [lease.turnId, "cancelled", "command"]);
    const starts = events.filter((event) => event.type === "session:start");
    assert.deepEqual(
      starts.map(({ epoch, reset: reason }) => [epoch, reason]),
      [
        [1, null],
        [2, "command"],
      ],
    );
  });
}
