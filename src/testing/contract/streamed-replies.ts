import assert from "node:assert/strict";
import type { Delivery } from "../../core/delivery.ts";
import type { Lease } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claim, LEASE_MS, MINUTE, sentResultOf, say, stored } from "./steps.ts";

const TAKE = { node: "node-a", leaseMs: LEASE_MS, limit: 10 };

async function opened(store: Store, lease: Lease): Promise<Delivery> {
  const outcome = await store.openDelivery(lease);
  assert.ok(outcome.outcome === "opened", "the holder of a lease must be able to open its delivery");
  return outcome.delivery;
}

/** Replies that are posted while they are written: I23, I25. */
export function streamedReplies(contract: Contract): void {
  contract.states("I23 streamed reply: it is opened once, and nobody else sends it", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const delivery = await opened(store, lease);
    assert.deepEqual([delivery.state, delivery.turnId, delivery.sessionId], ["open", lease.turnId, session.id]);
    assert.deepEqual([delivery.seq, delivery.remoteId, delivery.destination.user], [null, null, "ada"]);
    assert.equal((await opened(store, lease)).id, delivery.id);
    assert.deepEqual(await store.takeDeliveries(TAKE), []);
    assert.equal((await store.reader.stats()).deliveries.open, 1);
  });

  contract.states(
    "I23 streamed reply: a later attempt edits what an earlier one has posted",
    async ({ store, clock }) => {
      await say(store, "hello");
      const first = await claim(store);
      const delivery = await opened(store, first.lease);
      assert.equal(await store.recordPost(first.lease, "remote-1"), "recorded");
      const retryAt = clock.now() + MINUTE;
      await store.failTurn(first.lease, { reason: "busy", retryAt, notice: "", deliver: true });
      clock.advanceTo(retryAt);
      const second = await claim(store, "node-b");
      const again = await opened(store, second.lease);
      assert.deepEqual([again.id, again.remoteId], [delivery.id, "remote-1"]);
      clock.advance(LEASE_MS);
      const third = await claim(store, "node-c");
      assert.equal((await opened(store, third.lease)).remoteId, "remote-1");
      assert.equal(await store.recordPost(second.lease, "remote-2"), "lost");
      assert.equal((await opened(store, third.lease)).remoteId, "remote-1");
    },
  );

  contract.states("I23 streamed reply: at the commit it becomes pending, with the text", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const delivery = await opened(store, lease);
    await store.recordPost(lease, "remote-1");
    const outcome = await store.commitTurn(lease, sentResultOf("the whole reply"));
    assert.equal(outcome.outcome, "committed");
    const taken = await store.takeDeliveries(TAKE);
    assert.equal(taken.length, 1);
    const { id, text, seq, remoteId, state, ambiguous } = taken[0] ?? assert.fail("it must be taken");
    assert.deepEqual(
      { id, text, seq, remoteId, state, ambiguous },
      { id: delivery.id, text: "the whole reply", seq: 2, remoteId: "remote-1", state: "sending", ambiguous: false },
    );
    assert.equal((await stored(store, session.id)).lastSeq, 2);
  });

  contract.states("I23 streamed reply: further entries follow it as replies of their own", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    const delivery = await opened(store, lease);
    await store.commitTurn(lease, sentResultOf("one", "two"));
    const [first] = await store.takeDeliveries(TAKE);
    assert.ok(first !== undefined);
    assert.deepEqual([first.id, first.text], [delivery.id, "one"]);
    await store.settleDelivery(first, { state: "sent", remoteId: "remote-1" });
    const [second] = await store.takeDeliveries(TAKE);
    assert.equal(second?.text, "two");
    assert.notEqual(second.id, delivery.id);
  });

  contract.states("I24 streamed reply: none stays open when its turn is over", async ({ store }) => {
    for (const [user, end] of [
      ["ada", (lease: Lease) => store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", deliver: true })],
      ["bob", (lease: Lease) => store.cancelTurn({ sessionId: lease.sessionId })],
      ["cyd", (lease: Lease) => store.reset({ sessionId: lease.sessionId })],
      ["dan", (lease: Lease) => store.erase(lease.sessionId)],
      ["eve", (lease: Lease) => store.commitTurn(lease, sentResultOf("hi"))],
      ["fay", (lease: Lease) => store.commitTurn(lease, { entries: [] })],
    ] as const) {
      await say(store, "hello", { source: sourceOf({ user }) });
      const { lease } = await claim(store);
      await opened(store, lease);
      await end(lease);
      assert.equal((await store.reader.stats()).deliveries.open, 0, user);
    }
  });
}
