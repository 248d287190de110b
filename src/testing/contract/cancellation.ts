import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import {
  answer,
  claim,
  claimNext,
  drainEvents,
  LEASE_MS,
  MINUTE,
  sentResultOf,
  say,
  stored,
  transcriptOf,
  typesOf,
} from "./steps.ts";

const HERE = { source: sourceOf() };

/** Stopping what a session does: I22, I26. */
export function cancellation(contract: Contract): void {
  contract.states("I26 cancel: what runs and what waits is cancelled, and the session goes on", async ({ store }) => {
    const { session } = await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    assert.deepEqual(await store.cancelTurn(HERE), {
      outcome: "cancelled",
      turnId: lease.turnId,
      messages: 2,
      answering: 1,
      waiting: 1,
    });
    assert.deepEqual(
      (await transcriptOf(store, session.id)).map(({ state }) => state),
      ["cancelled", "cancelled"],
    );
    assert.equal(await claimNext(store), null);
    assert.equal((await stored(store, session.id)).endedAt, null);
    assert.equal((await say(store, "three")).session.id, session.id);
    const turn = await answer(store, "to three");
    assert.deepEqual(
      turn.messages.map(({ text }) => text),
      ["three"],
    );
  });

  contract.states("I22 cancel: the holder of the turn has lost", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.openDelivery(lease);
    await store.cancelTurn({ sessionId: session.id });
    assert.equal(await store.renewLease(lease, LEASE_MS), "lost");
    assert.deepEqual(await store.commitTurn(lease, sentResultOf("late")), { outcome: "lost" });
    assert.equal(await store.failTurn(lease, { reason: "x", retryAt: null, notice: "x", pieces: ["x"] }), "lost");
    assert.deepEqual(await store.leaseholders(), []);
    const { deliveries, turns } = await store.reader.stats();
    assert.deepEqual([deliveries.open, deliveries.pending, turns.cancelled], [0, 0, 1]);
  });

  contract.states("I26 cancel: messages that only wait belong to no turn", async ({ store }) => {
    await say(store, "hello");
    assert.deepEqual(await store.cancelTurn(HERE), {
      outcome: "cancelled",
      turnId: null,
      messages: 1,
      answering: 0,
      waiting: 1,
    });
    assert.equal((await store.reader.stats()).turns.cancelled, 0);
  });

  contract.states("I26 cancel: an attempt that waits for its next try is cancelled", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.failTurn(lease, { reason: "busy", retryAt: clock.now() + MINUTE, notice: "", pieces: [] });
    assert.deepEqual(await store.cancelTurn(HERE), {
      outcome: "cancelled",
      turnId: lease.turnId,
      messages: 1,
      answering: 1,
      waiting: 0,
    });
    clock.advance(2 * MINUTE);
    assert.equal(await claimNext(store), null);
  });

  contract.states("I26 cancel: where nothing runs or waits it says so", async ({ store }) => {
    assert.deepEqual(await store.cancelTurn(HERE), { outcome: "idle" });
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    assert.deepEqual(await store.cancelTurn(HERE), { outcome: "idle" });
    assert.deepEqual(await store.cancelTurn({ sessionId: session.id }), { outcome: "idle" });
    assert.equal((await transcriptOf(store, session.id))[0]?.state, "answered");
  });

  contract.states("I19 lifecycle: a turn that is cancelled tells of its end once", async ({ store }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.cancelTurn(HERE);
    await store.cancelTurn(HERE);
    const events = await drainEvents(store);
    assert.deepEqual(typesOf(events, session.id), ["session:start", "turn:start", "turn:end"]);
    const end = events.at(-1);
    assert.ok(end?.type === "turn:end");
    assert.deepEqual([end.turnId, end.outcome], [lease.turnId, "cancelled"]);
  });
}
