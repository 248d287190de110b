import assert from "node:assert/strict";
import type { Delivery } from "../../core/delivery.ts";
import type { Lease } from "../../core/turn.ts";
import type { Store, TakenDelivery } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claim, LEASE_MS, MINUTE, SECOND, sentResultOf, say, stored } from "./steps.ts";

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
    assert.deepEqual(await store.openDelivery(lease), { outcome: "opened", delivery, isNew: false });
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
      await store.failTurn(first.lease, { reason: "busy", retryAt, notice: "", pieces: [] });
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

  contract.states("I25 streamed reply: it is not opened before what is still to be sent there", async ({ store }) => {
    await say(store, "one");
    await store.commitTurn((await claim(store)).lease, sentResultOf("to one"));
    await say(store, "two");
    const { lease } = await claim(store);
    assert.deepEqual(await store.openDelivery(lease), { outcome: "behind" });
    const [earlier] = await store.takeDeliveries(TAKE);
    assert.deepEqual(await store.openDelivery(lease), { outcome: "behind" });
    await store.settleDelivery(earlier ?? assert.fail("it must be taken"), { state: "unknown", error: "no answer" });
    const delivery = await opened(store, lease);
    await store.addDelivery({ destination: delivery.destination, text: "from a command", key: null });
    assert.equal((await opened(store, lease)).id, delivery.id);
  });

  contract.states("I23 streamed reply: it rests when its message was changed a moment ago", async (scene) => {
    const { store, clock } = scene;
    for (const end of [
      (lease: Lease) => store.commitTurn(lease, { ...sentResultOf("the whole reply"), restMs: SECOND }),
      (lease: Lease) =>
        store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: ["sorry"], restMs: SECOND }),
    ]) {
      await say(store, "hello");
      const { lease } = await claim(store);
      await opened(store, lease);
      await store.recordPost(lease, "remote-1");
      await end(lease);
      assert.deepEqual(await store.takeDeliveries(TAKE), []);
      clock.advance(SECOND);
      const [taken] = await store.takeDeliveries(TAKE);
      assert.equal(taken?.remoteId, "remote-1");
      await store.settleDelivery(taken, { state: "sent", remoteId: "remote-1" });
    }
  });

  contract.states("I23 streamed reply: it rests over an attempt that failed while it was posted", async (scene) => {
    const { store, clock } = scene;
    for (const isAnswered of [false, true]) {
      await say(store, "hello");
      const first = await claim(store);
      const { id } = await opened(store, first.lease);
      const failure = { reason: "busy", retryAt: clock.now(), notice: "", pieces: [], restMs: 5 * SECOND };
      assert.equal(await store.failTurn(first.lease, failure), "retrying");
      clock.advance(SECOND);
      if (isAnswered) assert.equal(await store.recordLatePost(id, "remote-1"), "recorded");
      await store.commitTurn((await claim(store)).lease, sentResultOf("the whole reply"));
      if (!isAnswered) {
        assert.deepEqual(await store.takeDeliveries(TAKE), []);
        assert.equal((await store.reader.nextDue()).delivery, clock.now() + 4 * SECOND);
        clock.advance(4 * SECOND);
      }
      const [taken] = await store.takeDeliveries(TAKE);
      assert.equal(taken?.id, id);
      await store.settleDelivery(taken, { state: "sent", remoteId: "remote-1" });
    }
  });

  contract.states("I23 streamed reply: an id that comes after the commit is not too late", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    const { id } = await opened(store, lease);
    await store.commitTurn(lease, { ...sentResultOf("the whole reply", "and more"), restMs: MINUTE });
    assert.equal(await store.recordPost(lease, "remote-1"), "lost");
    clock.advance(SECOND);
    assert.equal(await store.recordLatePost(id, "remote-1"), "recorded");
    assert.equal(await store.recordLatePost(id, "remote-2"), "late");
    const [taken] = await store.takeDeliveries(TAKE);
    assert.deepEqual([taken?.id, taken?.remoteId, taken?.text], [id, "remote-1", "the whole reply"]);
  });

  contract.states(
    "I23 streamed reply: an id that comes when it is being sent changes nothing",
    async ({ store, clock }) => {
      await say(store, "hello");
      const { lease } = await claim(store);
      const { id } = await opened(store, lease);
      await store.commitTurn(lease, sentResultOf("the whole reply"));
      const take = async (): Promise<TakenDelivery> => {
        const [taken] = await store.takeDeliveries(TAKE);
        return taken ?? assert.fail("it must be taken");
      };
      const first = await take();
      assert.equal(await store.recordLatePost(id, "remote-1"), "late");
      await store.settleDelivery(first, { state: "pending", dueAt: clock.now(), error: "later" });
      assert.equal(await store.recordLatePost(id, "remote-1"), "late");
      await store.settleDelivery(await take(), { state: "sent", remoteId: "remote-2" });
      const { items } = await store.reader.deliveries();
      assert.deepEqual([items[0]?.state, items[0]?.remoteId], ["sent", "remote-2"]);
      assert.equal(await store.recordLatePost("dlv_none", "remote-1"), "late");
    },
  );

  contract.states("I23 streamed reply: an id that comes when another has the turn is not too late", async (scene) => {
    const { store, clock } = scene;
    await say(store, "hello");
    const first = await claim(store);
    const { id } = await opened(store, first.lease);
    clock.advance(LEASE_MS);
    const second = await claim(store, "node-b");
    assert.equal(await store.recordPost(first.lease, "remote-1"), "lost");
    assert.equal(await store.recordLatePost(id, "remote-1"), "recorded");
    assert.equal((await opened(store, second.lease)).remoteId, "remote-1");
    await store.cancelTurn({ sessionId: second.session.id });
    assert.equal(await store.recordLatePost(id, "remote-2"), "late");
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
      [
        "ada",
        (lease: Lease) => store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: ["sorry"] }),
      ],
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
    assert.equal((await store.reader.backlog()).deadDeliveries, 0, "nothing is left to be done by hand");
  });

  contract.states("I25 streamed reply: it is as old as its whole text", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await opened(store, lease);
    clock.advance(SECOND);
    await store.commitTurn(lease, sentResultOf("the whole reply"));
    assert.equal((await store.takeDeliveries(TAKE))[0]?.createdAt, clock.now());
  });
}
