import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import {
  answer,
  busy,
  claim,
  claimNext,
  drainEvents,
  HOUR,
  interrupt,
  LEASE_MS,
  MINUTE,
  resultOf,
  say,
  SECOND,
  textsOf,
  typesOf,
} from "./steps.ts";

/** Runs that a newer message ends: I19, I21, I22, I24, I27. What they had said is in `interrupted-replies.ts`. */
export function interruption(contract: Contract): void {
  const hasty = contract.given(busy({ mode: "interrupt" }));

  hasty.states("I21 interrupt: its messages are answered together with the newer one", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    assert.deepEqual(await interrupt(store, lease), { outcome: "interrupted", entries: [] });
    const next = await claim(store);
    assert.deepEqual(textsOf(next.messages), ["one", "two"]);
    assert.notEqual(next.lease.turnId, lease.turnId);
    assert.ok(next.lease.fence > lease.fence);
    assert.deepEqual([next.attempt, next.first, next.byHand, next.interrupted], [1, true, false, []]);
    await store.commitTurn(next.lease, resultOf("to both"));
    assert.equal(await claimNext(store), null);
    const { messages, turns } = await store.reader.stats();
    assert.deepEqual([messages.answered, turns.interrupted, turns.done], [2, 1, 1]);
  });

  hasty.states("I22 interrupt: its holder has lost, and nothing it writes counts", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    await interrupt(store, lease);
    for (const stale of [lease, { ...lease, fence: lease.fence + 1 }]) {
      assert.deepEqual(await interrupt(store, stale, "late"), { outcome: "lost" });
      assert.deepEqual(await store.commitTurn(stale, resultOf("late")), { outcome: "lost" });
      assert.equal(await store.renewLease(stale, LEASE_MS), "lost");
    }
    assert.deepEqual(await store.leaseholders(), []);
  });

  hasty.states("I21 interrupt: without a newer message it changes nothing", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    assert.deepEqual(await interrupt(store, lease, "so far"), { outcome: "alone" });
    assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
    assert.equal((await store.commitTurn(lease, resultOf("to one"))).outcome, "committed");
  });

  hasty.states(
    "I21 interrupt: what waited when the turn began, and was left out, does not end it",
    async ({ store }) => {
      for (const text of ["one", "two", "three"]) await say(store, text);
      const { lease, messages } = await claim(store, "node-a", 2);
      assert.deepEqual(textsOf(messages), ["one", "two"]);
      assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
      await say(store, "four");
      assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
      assert.deepEqual(await interrupt(store, lease), { outcome: "alone" });
      await store.commitTurn(lease, resultOf("to two of them"));
      assert.deepEqual(textsOf((await claim(store)).messages), ["three", "four"]);
    },
  );

  hasty.states("I21 interrupt: a message that cannot join ends a turn once at most", async ({ store, clock }) => {
    const request = { node: "node-a", leaseMs: LEASE_MS, maxMessages: 10, maxAgeMs: HOUR };
    await say(store, "young");
    const first = await store.claimTurn(request);
    await say(store, "old", { sentAt: clock.now() - 2 * HOUR });
    await interrupt(store, first?.lease ?? assert.fail());
    const second = await store.claimTurn(request);
    assert.deepEqual(textsOf(second?.messages ?? []), ["young"]);
    assert.deepEqual(await interrupt(store, second?.lease ?? assert.fail()), { outcome: "alone" });
  });

  hasty.states(
    "I21 interrupt: a turn that was asked for by hand answers exactly its messages",
    async ({ store, clock }) => {
      await say(store, "one");
      const { lease } = await claim(store);
      await store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: [] });
      await say(store, "two");
      await answer(store, "to two");
      await store.retryTurn(lease.turnId);
      const retried = await claim(store);
      await say(store, "three");
      assert.equal(await store.renewLease(retried.lease, LEASE_MS), "renewed");
      assert.deepEqual(await interrupt(store, retried.lease), { outcome: "alone" });
      clock.advance(LEASE_MS);
      const again = await claim(store, "node-b");
      assert.deepEqual([again.lease.turnId, textsOf(again.messages)], [retried.lease.turnId, ["one"]]);
    },
  );

  hasty.states("I22 interrupt: a holder that renews its lease hears of a newer message", async ({ store, clock }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
    await say(store, "two");
    clock.advance(SECOND);
    assert.equal(await store.renewLease(lease, LEASE_MS), "interrupt");
    clock.advance(LEASE_MS - 1);
    assert.equal(await claimNext(store), null, "the lease was renewed");
    assert.equal((await interrupt(store, lease)).outcome, "interrupted");
  });

  contract.states(
    "I22 interrupt: with collect nobody hears of a newer message, and a turn is taken up as it is",
    async ({ store, clock }) => {
      await say(store, "one");
      const { lease } = await claim(store);
      await say(store, "two");
      assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
      clock.advance(LEASE_MS);
      assert.deepEqual(textsOf((await claim(store)).messages), ["one"]);
    },
  );

  hasty.states(
    "I24 interrupt: a turn that is taken up gives way to one of all that waits",
    async ({ store, clock }) => {
      await say(store, "one");
      const lost = await claim(store);
      const opened = await store.openDelivery(lost.lease);
      assert.ok(opened.outcome === "opened");
      await say(store, "two");
      clock.advance(LEASE_MS);
      const next = await claim(store, "node-b");
      assert.deepEqual([textsOf(next.messages), next.attempt], [["one", "two"], 1]);
      assert.notEqual(next.lease.turnId, lost.lease.turnId);
      assert.equal(await store.renewLease(lost.lease, LEASE_MS), "lost");
      const again = await store.openDelivery(next.lease);
      assert.ok(again.outcome === "opened" && again.delivery.id === opened.delivery.id);
      await store.failTurn(next.lease, { reason: "busy", retryAt: clock.now() + MINUTE, notice: "", pieces: [] });
      await say(store, "three");
      clock.advance(MINUTE);
      assert.deepEqual(textsOf((await claim(store)).messages), ["one", "two", "three"]);
      assert.equal((await store.reader.stats()).turns.interrupted, 2);
    },
  );

  hasty.states(
    "I24 interrupt: a turn that nothing can join is taken up, and its attempts are counted",
    async ({ store, clock }) => {
      for (const text of ["one", "two"]) await say(store, text);
      const { lease } = await claim(store, "node-a", 2);
      await say(store, "three");
      for (const attempt of [2, 3]) {
        clock.advance(LEASE_MS);
        const again = await claim(store, "node-a", 2);
        assert.deepEqual([again.lease.turnId, again.attempt], [lease.turnId, attempt]);
      }
    },
  );

  hasty.states("I19 lifecycle: an interrupted turn tells of its end once", async ({ store, clock }) => {
    await store.watchEvents();
    const { session } = await say(store, "one");
    const first = await claim(store);
    await say(store, "two");
    await interrupt(store, first.lease);
    await claim(store);
    await say(store, "three");
    clock.advance(LEASE_MS);
    await claim(store);
    const events = await drainEvents(store);
    assert.deepEqual(typesOf(events, session.id), [
      "session:start",
      "turn:start",
      "turn:end",
      "turn:start",
      "turn:end",
      "turn:start",
    ]);
    const ends = events.filter((event) => event.type === "turn:end");
    assert.deepEqual(
      ends.map(({ outcome }) => outcome),
      ["interrupted", "interrupted"],
    );
    assert.equal(ends[0]?.turnId, first.lease.turnId);
  });

  contract
    .given(busy({ mode: "interrupt", debounceMs: 2 * SECOND }))
    .states(
      "I21 interrupt: the next turn begins when nobody has written for one debounce",
      async ({ store, clock }) => {
        await say(store, "one");
        clock.advance(2 * SECOND);
        const { lease } = await claim(store);
        clock.advance(25 * SECOND);
        await say(store, "two");
        clock.advance(SECOND);
        await interrupt(store, lease);
        assert.equal((await store.reader.nextDue()).turn, clock.now() + SECOND);
        await say(store, "three");
        assert.equal((await store.reader.nextDue()).turn, clock.now() + 2 * SECOND);
        clock.advance(2 * SECOND);
        assert.deepEqual(textsOf((await claim(store)).messages), ["one", "two", "three"]);
      },
    );

  contract
    .given(busy({ mode: "interrupt", maxWaiting: 2 }))
    .states("I27 interrupt: messages that wait again count among those that may wait", async ({ store }) => {
      for (const text of ["one", "two"]) await say(store, text);
      const { lease } = await claim(store);
      const { session } = await say(store, "three");
      await interrupt(store, lease);
      const outcome = await store.accept({ source: sourceOf(), text: "four", eventId: null });
      assert.deepEqual(outcome, { outcome: "full", sessionId: session.id, waiting: 3 });
    });
}
