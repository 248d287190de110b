import assert from "node:assert/strict";
import type { NamedLease } from "../../store/lease-store.ts";
import type { Store } from "../../store/store.ts";
import type { Contract } from "./contract.ts";
import { claim, LEASE_MS, say } from "./steps.ts";

const NAME = "telegram:1";

async function acquire(store: Store, holder: string, name: string = NAME): Promise<NamedLease> {
  const acquired = await store.acquireLease({ name, holder, leaseMs: LEASE_MS });
  assert.ok(acquired.outcome === "acquired", `${holder} must get the lease; was ${acquired.outcome}`);
  return acquired.lease;
}

/** What only one process may do: I31. */
export function namedLeases(contract: Contract): void {
  contract.states("I31 named lease: while it is held nobody else has it", async ({ store, clock }) => {
    const lease = await acquire(store, "node-a");
    assert.deepEqual(lease, { name: NAME, holder: "node-a", fence: 1, until: clock.now() + LEASE_MS });
    clock.advance(LEASE_MS - 1);
    assert.deepEqual(await store.acquireLease({ name: NAME, holder: "node-b", leaseMs: LEASE_MS }), {
      outcome: "held",
      holder: "node-a",
      until: lease.until,
    });
    assert.equal((await acquire(store, "node-b", "telegram:2")).fence, 1);
  });

  contract.states("I31 named lease: renewed, it ends that much later", async ({ store, clock }) => {
    const lease = await acquire(store, "node-a");
    clock.advance(LEASE_MS - 1);
    assert.equal(await store.renewNamedLease(lease, LEASE_MS), "renewed");
    clock.advance(LEASE_MS - 1);
    assert.equal((await store.acquireLease({ name: NAME, holder: "node-b", leaseMs: LEASE_MS })).outcome, "held");
  });

  contract.states(
    "I31 named lease: when its time is over another one takes it, under a higher fence",
    async ({ store, clock }) => {
      const old = await acquire(store, "node-a");
      clock.advance(LEASE_MS);
      const lease = await acquire(store, "node-b");
      assert.ok(lease.fence > old.fence);
      assert.equal(await store.renewNamedLease(old, LEASE_MS), "lost");
      assert.equal(await store.releaseLease(old), "lost");
      assert.equal(await store.renewNamedLease(lease, LEASE_MS), "renewed");
    },
  );

  contract.states("I31 named lease: its holder has it extended under the same fence", async ({ store, clock }) => {
    const lease = await acquire(store, "node-a");
    clock.advance(LEASE_MS - 1);
    const again = await acquire(store, "node-a");
    assert.deepEqual(again, { ...lease, until: clock.now() + LEASE_MS });
    assert.equal(await store.renewNamedLease(lease, LEASE_MS), "renewed");
    clock.advance(2 * LEASE_MS);
    assert.equal((await acquire(store, "node-a")).fence, lease.fence, "nobody has had it since");
  });

  contract.states("I31 named lease: that nobody has taken is renewed after its time", async ({ store, clock }) => {
    const lease = await acquire(store, "node-a");
    clock.advance(2 * LEASE_MS);
    assert.equal(await store.renewNamedLease(lease, LEASE_MS), "renewed");
  });

  contract.states(
    "I31 named lease: given back, it is free at once, and its fence never goes back",
    async ({ store }) => {
      const first = await acquire(store, "node-a");
      assert.equal(await store.releaseLease(first), "released");
      assert.equal(await store.releaseLease(first), "lost");
      assert.equal(await store.renewNamedLease(first, LEASE_MS), "lost");
      const second = await acquire(store, "node-a");
      assert.ok(second.fence > first.fence);
      assert.equal(await store.renewNamedLease(first, LEASE_MS), "lost");
      assert.equal(await store.releaseLease(first), "lost");
      assert.equal(await store.releaseLease(second), "released");
      assert.ok((await acquire(store, "node-b")).fence > second.fence);
    },
  );

  contract.states("I31 named lease: those of a node that is known to be dead are free at once", async ({ store }) => {
    const dead = await acquire(store, "node-a");
    const alive = await acquire(store, "node-b", "telegram:2");
    await say(store, "hello");
    await claim(store, "node-c");
    assert.deepEqual((await store.leaseholders()).toSorted(), ["node-a", "node-b", "node-c"]);
    await store.releaseNode("node-a");
    assert.deepEqual((await store.leaseholders()).toSorted(), ["node-b", "node-c"]);
    assert.ok((await acquire(store, "node-b")).fence > dead.fence);
    assert.equal(await store.renewNamedLease(dead, LEASE_MS), "lost");
    assert.equal(await store.renewNamedLease(alive, LEASE_MS), "renewed");
  });

  contract.states("I31 named lease: whose time is over makes nobody a leaseholder", async ({ store, clock }) => {
    await acquire(store, "node-a");
    clock.advance(LEASE_MS);
    assert.deepEqual(await store.leaseholders(), []);
  });

  contract.states("I31 named lease: of any number that ask at once one has it", async ({ store }) => {
    const holders = Array.from({ length: 20 }, (_, n) => `node-${n}`);
    const outcomes = await Promise.all(
      holders.map((holder) => store.acquireLease({ name: NAME, holder, leaseMs: LEASE_MS })),
    );
    assert.equal(outcomes.filter(({ outcome }) => outcome === "acquired").length, 1);
  });

  contract.states(
    "I31 named lease: without a name, a holder or a time that can be kept is refused",
    async ({ store }) => {
      const request = { name: NAME, holder: "node-a", leaseMs: LEASE_MS };
      for (const wrong of [{ name: "" }, { holder: "" }, { leaseMs: -1 }, { leaseMs: 0.5 }, { leaseMs: 2 ** 53 }]) {
        await assert.rejects(store.acquireLease({ ...request, ...wrong }), { code: "INVALID_INPUT" });
      }
      assert.deepEqual(await store.leaseholders(), []);
    },
  );

  if (!contract.durable) return;

  contract.states("I31 named lease: a store that is opened anew knows it", async ({ store, reopen }) => {
    const lease = await acquire(store, "node-a");
    const other = await reopen();
    assert.equal((await other.acquireLease({ name: NAME, holder: "node-b", leaseMs: LEASE_MS })).outcome, "held");
    assert.equal(await other.renewNamedLease(lease, LEASE_MS), "renewed");
    assert.equal(await other.releaseLease(lease), "released");
    assert.ok((await acquire(other, "node-b")).fence > lease.fence);
    assert.equal(await store.renewNamedLease(lease, LEASE_MS), "lost");
  });
}
