import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claim, claimNext, LEASE_MS, resultOf, sentResultOf, say, transcriptOf } from "./steps.ts";

/** Holders that disappear, and holders that come back: I22, I24. */
export function leases(contract: Contract): void {
  contract.states("I22 lease: until it ends, nobody else takes the turn", async ({ store, clock }) => {
    await say(store, "hello");
    await claim(store, "node-a");
    clock.advance(LEASE_MS - 1);
    assert.equal(await claimNext(store, "node-b"), null);
  });

  contract.states("I22 lease: renewed, it ends that much later", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store, "node-a");
    for (let n = 0; n < 3; n++) {
      clock.advance(LEASE_MS - 1);
      assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
      assert.equal(await claimNext(store, "node-b"), null);
    }
    assert.equal((await store.commitTurn(lease, resultOf("hi"))).outcome, "committed");
  });

  contract.states(
    "I24 crash: when its lease has run out another node takes the turn up as it was",
    async ({ store, clock }) => {
      await say(store, "one");
      const first = await claim(store, "node-a");
      await say(store, "two");
      clock.advance(LEASE_MS);
      const second = await claim(store, "node-b");
      assert.equal(second.lease.turnId, first.lease.turnId);
      assert.deepEqual(second.messages, first.messages);
      assert.equal(second.attempt, 2);
      assert.ok(second.lease.fence > first.lease.fence);
      assert.deepEqual(await store.leaseholders(), ["node-b"]);
    },
  );

  contract.states("I22 lease: a stale holder can change nothing any more", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const { lease: stale } = await claim(store, "node-a");
    clock.advance(LEASE_MS);
    const { lease } = await claim(store, "node-b");
    assert.equal(await store.renewLease(stale, LEASE_MS), "lost");
    assert.deepEqual(await store.openDelivery(stale), { outcome: "lost" });
    assert.equal(await store.recordPost(stale, "remote"), "lost");
    const late = { ...sentResultOf("stale"), usage: { model: "m", inputTokens: 9, outputTokens: 9 } };
    assert.deepEqual(await store.commitTurn(stale, late), { outcome: "lost" });
    assert.equal(
      await store.failTurn(stale, { reason: "x", retryAt: null, notice: "stale", pieces: ["stale"] }),
      "lost",
    );
    assert.equal((await store.commitTurn(lease, resultOf("fresh"))).outcome, "committed");
    assert.deepEqual(await store.commitTurn(stale, late), { outcome: "lost" });
    const texts = (await transcriptOf(store, session.id)).map(({ text }) => text);
    assert.deepEqual(texts, ["hello", "fresh"]);
    const { inputTokens, deliveries } = await store.reader.stats();
    assert.deepEqual([inputTokens, deliveries.pending], [0, 0]);
  });

  contract.states("I22 lease: the same node cannot hold a turn twice", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease: stale } = await claim(store, "node-a");
    clock.advance(LEASE_MS);
    const { lease } = await claim(store, "node-a");
    assert.deepEqual(await store.commitTurn(stale, resultOf("stale")), { outcome: "lost" });
    assert.equal(await store.renewLease(lease, LEASE_MS), "renewed");
  });

  contract.states("I24 crash: the work of a node that is known to be dead is taken up at once", async ({ store }) => {
    await say(store, "hello");
    await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    const dead = await claim(store, "node-a");
    const alive = await claim(store, "node-b");
    assert.deepEqual((await store.leaseholders()).toSorted(), ["node-a", "node-b"]);
    await store.releaseNode("node-a");
    assert.deepEqual(await store.leaseholders(), ["node-b"]);
    assert.equal(await store.renewLease(dead.lease, LEASE_MS), "lost");
    const taken = await claim(store, "node-b");
    assert.equal(taken.lease.turnId, dead.lease.turnId);
    assert.equal(taken.attempt, 2);
    assert.deepEqual(await store.commitTurn(dead.lease, resultOf("stale")), { outcome: "lost" });
    assert.equal(await store.renewLease(alive.lease, LEASE_MS), "renewed");
    await store.releaseNode("node-that-never-was");
  });

  contract.states("I24 crash: a turn that is handed back unfinished has lost no attempt", async ({ store, clock }) => {
    await say(store, "hello");
    const failure = { reason: "x", retryAt: clock.now(), notice: "", pieces: [] };
    await store.failTurn((await claim(store)).lease, { ...failure, counts: false });
    const again = await claim(store);
    assert.equal(again.attempt, 1);
    await store.failTurn(again.lease, failure);
    assert.equal((await claim(store)).attempt, 2);
  });

  contract.states("I24 crash: a node whose turns are over holds nothing", async ({ store }) => {
    assert.deepEqual(await store.leaseholders(), []);
    await say(store, "hello");
    const { lease } = await claim(store, "node-a");
    await store.commitTurn(lease, resultOf("hi"));
    assert.deepEqual(await store.leaseholders(), []);
  });

  contract.states(
    "I24 crash: a time that cannot be kept is refused, and the turn goes on",
    async ({ store, clock }) => {
      await say(store, "hello");
      const { lease } = await claim(store);
      const failure = { reason: "x", notice: "", pieces: [] };
      for (const retryAt of [clock.now() + 0.5, 1e17, -1]) {
        await assert.rejects(store.failTurn(lease, { ...failure, retryAt }), { code: "INVALID_INPUT" });
      }
      const usage = { model: "m", inputTokens: 1e17, outputTokens: 0 };
      await assert.rejects(store.commitTurn(lease, { ...resultOf("hi"), usage }), { code: "INVALID_INPUT" });
      assert.equal((await store.commitTurn(lease, resultOf("hi"))).outcome, "committed");
      assert.equal((await store.reader.nextDue()).turn, null);
    },
  );

  if (!contract.durable) return;

  contract.states(
    "I24 crash: what was running is found again by a store that is opened anew",
    async ({ store, clock, reopen }) => {
      const { session } = await say(store, "hello");
      const { lease } = await claim(store, "node-a");
      const restarted = await reopen();
      assert.equal(await claimNext(restarted, "node-b"), null);
      clock.advance(LEASE_MS);
      const turn = await claim(restarted, "node-b");
      assert.equal(turn.lease.turnId, lease.turnId);
      await restarted.commitTurn(turn.lease, resultOf("hi"));
      assert.deepEqual(await store.commitTurn(lease, resultOf("stale")), { outcome: "lost" });
      assert.deepEqual(
        (await transcriptOf(store, session.id)).map(({ text }) => text),
        ["hello", "hi"],
      );
    },
  );
}
