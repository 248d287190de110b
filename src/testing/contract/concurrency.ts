import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claimNext, drainEvents, HOUR, LEASE_MS, say, transcriptOf, typesOf } from "./steps.ts";

/** What many may do at once: I4, I11, I12, I14, I16, I22. */
export function concurrency(contract: Contract): void {
  contract.states("I11 concurrent firsts: twenty end as one row with all messages in one order", async ({ store }) => {
    await store.watchEvents();
    const outcomes = await Promise.all(numbers(20).map((n) => say(store, `message ${n}`)));
    assert.equal(outcomes.filter(({ opened }) => opened).length, 1);
    assert.equal(new Set(outcomes.map(({ session }) => session.id)).size, 1);
    assert.equal((await store.reader.stats()).sessions, 1);
    const entries = await transcriptOf(store, outcomes[0]?.session.id ?? "");
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      numbers(20).map((n) => n + 1),
    );
    outcomes.forEach(({ seq }, n) => assert.equal(entries[seq - 1]?.text, `message ${n}`));
    assert.deepEqual(
      (await drainEvents(store)).map(({ type }) => type),
      ["session:start"],
    );
  });

  contract.states("I11 concurrent firsts: one and the same message is accepted once", async ({ store }) => {
    const message = messageOf("hello");
    const outcomes = await Promise.all(numbers(20).map(() => store.accept(message)));
    assert.equal(outcomes.filter(({ outcome }) => outcome === "accepted").length, 1);
    assert.equal(outcomes.filter(({ outcome }) => outcome === "duplicate").length, 19);
    const seqs = outcomes.map((outcome) => ("seq" in outcome ? outcome.seq : null));
    assert.deepEqual(new Set(seqs), new Set([1]));
  });

  contract.states("I11 concurrent firsts: pinning and speaking at once make one row", async ({ store }) => {
    await store.watchEvents();
    const draft = await store.getOrCreate(sourceOf());
    await Promise.all([
      ...numbers(5).map(() => store.ensurePersisted(draft)),
      ...numbers(5).map((n) => say(store, `message ${n}`)),
    ]);
    const { sessions, messages } = await store.reader.stats();
    assert.deepEqual([sessions, messages.waiting], [1, 5]);
    assert.deepEqual(typesOf(await drainEvents(store), draft.id), ["session:start"]);
  });

  contract.states(
    "I14 reset: of many at once, one ends the life and no message is lost between two",
    async ({ store }) => {
      await say(store, "hello");
      const ref = { source: sourceOf() };
      const [resets, accepted] = await Promise.all([
        Promise.all(numbers(5).map(() => store.reset(ref))),
        Promise.all(numbers(5).map((n) => say(store, `message ${n}`))),
      ]);
      const cancelled = resets.reduce((sum, reset) => sum + (reset.outcome === "reset" ? reset.cancelled : 0), 0);
      const { messages, sessions, liveSessions } = await store.reader.stats();
      assert.equal(messages.cancelled, cancelled);
      assert.equal(messages.waiting + messages.cancelled, 1 + accepted.length);
      assert.ok(resets.some(({ outcome }) => outcome === "reset"));
      assert.ok(liveSessions <= 1 && sessions <= 1 + accepted.length);
    },
  );

  const idle = contract.given({ reset: { default: { mode: "idle", idleMs: HOUR } } });

  idle.states("I16 rollover: of many first messages of a new day, one ends the old life", async ({ store, clock }) => {
    const { session } = await say(store, "yesterday");
    await store.cancelTurn({ source: sourceOf() });
    await store.watchEvents();
    clock.advance(2 * HOUR);
    const outcomes = await Promise.all(numbers(20).map((n) => say(store, `message ${n}`)));
    assert.deepEqual(new Set(outcomes.map((outcome) => outcome.session.epoch)), new Set([2]));
    const events = await drainEvents(store);
    assert.deepEqual(typesOf(events, session.id), ["session:end"]);
    assert.deepEqual(typesOf(events, outcomes[0]?.session.id ?? ""), ["session:start"]);
  });

  contract.states("I22 one turn at a time: of many claims, one gets the session", async ({ store }) => {
    await say(store, "hello");
    const turns = await Promise.all(numbers(10).map((n) => claimNext(store, `node-${n}`)));
    assert.equal(turns.filter((turn) => turn !== null).length, 1);
  });

  contract.states("I22 one turn at a time: many claims share many sessions without overlap", async ({ store }) => {
    for (const n of numbers(8)) await say(store, "hello", { source: sourceOf({ user: `user-${n}` }) });
    const turns = await Promise.all(numbers(12).map((n) => claimNext(store, `node-${n}`)));
    const sessions = turns.flatMap((turn) => (turn === null ? [] : [turn.lease.sessionId]));
    assert.equal(sessions.length, 8);
    assert.equal(new Set(sessions).size, 8);
  });

  contract.states("I25 deliveries: of many senders, one takes a reply", async ({ store }) => {
    await store.addDelivery({ destination: sourceOf(), text: "hi", key: null });
    const request = { leaseMs: LEASE_MS, limit: 10 };
    const taken = await Promise.all(numbers(10).map((n) => store.takeDeliveries({ ...request, node: `node-${n}` })));
    assert.equal(taken.flat().length, 1);
  });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
