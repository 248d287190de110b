import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, HOUR, LEASE_MS, sentResultOf, say } from "./steps.ts";

/** What adds up: I26, and what is due next. */
export function accounting(contract: Contract): void {
  contract.states(
    "I26 accounting: every message is in exactly one state, and the states are counted",
    async ({ store, clock }) => {
      const by = (user: string) => ({ source: sourceOf({ user }) });
      for (const user of ["answered", "cancelled", "dead", "running", "waiting"]) {
        await say(store, "hello", by(user));
        clock.advance(1);
      }
      await store.cancelTurn(by("cancelled"));
      for (let turn = await claim(store); ; turn = await claim(store)) {
        const { user } = turn.session.source;
        const usage = { model: "m", inputTokens: 3, outputTokens: 2 };
        if (user === "answered") await store.commitTurn(turn.lease, { ...sentResultOf("hi"), usage });
        if (user === "dead")
          await store.failTurn(turn.lease, { reason: "x", retryAt: null, notice: "sorry", pieces: ["sorry"] });
        if (user === "running") break;
      }
      await store.overhear(messageOf("in passing", by("answered")));
      await store.ensurePersisted(await store.getOrCreate(sourceOf({ user: "pinned" })));
      await store.reset(by("cancelled"));
      const { bytes, ...stats } = await store.reader.stats();
      assert.ok(bytes > 0);
      assert.deepEqual(stats, {
        sessions: 6,
        liveSessions: 5,
        pinnedSessions: 1,
        emptySessions: 0,
        entries: 8,
        messages: { waiting: 1, running: 1, answered: 1, cancelled: 1, dead: 1, overheard: 1, erased: 0 },
        turns: { running: 1, retrying: 0, done: 1, dead: 1, cancelled: 0, interrupted: 0 },
        deliveries: { open: 0, pending: 2, sending: 0, sent: 0, failed: 0, unknown: 0, dropped: 0 },
        inputTokens: 3,
        outputTokens: 2,
      });
    },
  );

  contract.states("I26 accounting: an empty store counts to nothing and waits for nothing", async ({ store }) => {
    const { bytes: _, messages, turns, deliveries, ...counts } = await store.reader.stats();
    const all = [counts, messages, turns, deliveries].flatMap((part) => Object.values(part));
    assert.deepEqual(new Set(all), new Set([0]));
    assert.deepEqual(await store.reader.nextDue(), { turn: null, delivery: null, event: null });
  });

  contract.states("I26 accounting: what waits is due, and what is done is not", async ({ store, clock }) => {
    await say(store, "hello");
    const { turn: waiting } = await store.reader.nextDue();
    assert.ok(waiting !== null && waiting <= clock.now());
    await answer(store, "hi", true);
    const { turn, delivery } = await store.reader.nextDue();
    assert.equal(turn, null);
    assert.ok(delivery !== null && delivery <= clock.now());
    const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 1 });
    assert.ok(taken !== undefined);
    await store.settleDelivery(taken, { state: "sent", remoteId: null });
    assert.deepEqual(await store.reader.nextDue(), { turn: null, delivery: null, event: null });
  });

  contract.states(
    "I26 accounting: a turn whose holder disappeared falls due when its lease ends",
    async ({ store, clock }) => {
      await say(store, "hello");
      await claim(store);
      assert.equal((await store.reader.nextDue()).turn, clock.now() + LEASE_MS);
    },
  );

  contract.states("I26 accounting: sweeping forgets nothing that was said or waits", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    await answer(store, "hi", true);
    const before = await store.reader.stats();
    clock.advance(1000 * HOUR);
    await store.sweep();
    assert.deepEqual({ ...(await store.reader.stats()), bytes: 0 }, { ...before, bytes: 0 });
    assert.equal((await store.reader.get(session.id)).outcome, "found");
    assert.equal((await claim(store)).session.source.user, "bob");
  });
}
