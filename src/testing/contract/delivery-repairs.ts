import assert from "node:assert/strict";
import type { Delivery } from "../../core/delivery.ts";
import type { Store, TakenDelivery } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, LEASE_MS, MINUTE, say } from "./steps.ts";

const SENT = { state: "sent", remoteId: null } as const;
const TWICE = { mayArriveTwice: true };

/** Replies, each of a turn of its own, to one place and in this order. */
async function send(store: Store, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await say(store, `say ${text}`);
    await answer(store, text, true);
  }
}

async function takeOne(store: Store): Promise<TakenDelivery> {
  const taken = await take(store);
  assert.ok(taken !== null, "there must be a delivery to take");
  return taken;
}

async function take(store: Store): Promise<TakenDelivery | null> {
  const [taken, ...more] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
  assert.equal(more.length, 0, "one destination has one delivery on its way");
  return taken ?? null;
}

async function end(store: Store, state: "failed" | "unknown"): Promise<TakenDelivery> {
  const taken = await takeOne(store);
  assert.equal(await store.settleDelivery(taken, { state, error: "no answer" }), "settled");
  return taken;
}

async function stateOf(store: Store, id: string): Promise<Delivery["state"] | undefined> {
  return (await store.reader.deliveries()).items.find((delivery) => delivery.id === id)?.state;
}

/** Replies that are sent again, or given up, by hand: I25. */
export function deliveryRepairs(contract: Contract): void {
  contract.states("I25 repair: a failed reply is sent again, before what is younger", async ({ store }) => {
    await send(store, "one", "two", "three");
    const failed = await end(store, "failed");
    const second = await takeOne(store);
    const outcome = await store.retryDelivery(failed.id);
    assert.ok(outcome.outcome === "retried", outcome.outcome);
    assert.deepEqual([outcome.delivery.state, outcome.delivery.pardoned], ["pending", 1]);
    assert.equal(await take(store), null, "while another one is on its way there it waits");
    await store.settleDelivery(second, SENT);
    const again = await takeOne(store);
    assert.deepEqual([again.text, again.attempt, again.pardoned, again.ambiguous], ["one", 2, 1, false]);
    await store.settleDelivery(again, SENT);
    assert.equal((await takeOne(store)).text, "three");
  });

  contract.states("I25 repair: one that may have arrived is sent again only when that is said", async ({ store }) => {
    await send(store, "one");
    const { id } = await end(store, "unknown");
    assert.deepEqual(await store.retryDelivery(id), { outcome: "ambiguous" });
    assert.equal(await take(store), null);
    assert.equal((await store.retryDelivery(id, TWICE)).outcome, "retried");
    assert.equal((await takeOne(store)).id, id);
  });

  contract.states("I25 repair: asked for twice, also at once, it is sent once", async ({ store }) => {
    await send(store, "one");
    const { id } = await end(store, "failed");
    const asked = await Promise.all([1, 2, 3].map(() => store.retryDelivery(id)));
    assert.deepEqual(asked.map(({ outcome }) => outcome).toSorted(), ["retried", "unfit", "unfit"]);
    await store.settleDelivery(await takeOne(store), SENT);
    assert.deepEqual(await store.retryDelivery(id, TWICE), { outcome: "unfit", state: "sent" });
    assert.equal(await take(store), null);
  });

  contract.states("I25 repair: what an attempt from before reports does not count", async ({ store, clock }) => {
    await send(store, "one");
    const stale = await takeOne(store);
    clock.advance(LEASE_MS);
    const { id } = await end(store, "unknown");
    await store.retryDelivery(id, TWICE);
    const again = await takeOne(store);
    assert.equal(again.attempt, 3);
    assert.equal(await store.settleDelivery(stale, SENT), "lost");
    assert.equal(await store.settleDelivery(again, SENT), "settled");
  });

  contract.states("I17 repair: a reply of no session has no words to send again", async ({ store }) => {
    const { id } = await store.addDelivery({ destination: sourceOf(), text: "pong", key: null });
    await end(store, "failed");
    assert.deepEqual(await store.retryDelivery(id), { outcome: "wordless" });
    assert.equal((await store.dropDelivery(id)).outcome, "dropped");
  });

  for (const state of ["failed", "unknown"] as const) {
    contract.states(`I25 repair: one that is ${state} can be dropped, and stays so`, async ({ store }) => {
      await send(store, "one");
      const { id } = await end(store, state);
      const dropped = await store.dropDelivery(id);
      assert.ok(dropped.outcome === "dropped");
      assert.deepEqual([dropped.delivery.state, dropped.delivery.error], ["dropped", "no answer"]);
      assert.deepEqual(await store.dropDelivery(id), { outcome: "unfit", state: "dropped" });
      assert.deepEqual(await store.retryDelivery(id, TWICE), { outcome: "unfit", state: "dropped" });
      assert.equal(await take(store), null);
    });
  }

  contract.states(
    "I25 repair: when the oldest is dropped, the next one of its place is due",
    async ({ store, clock }) => {
      await send(store, "one", "two", "three");
      const first = await takeOne(store);
      await store.settleDelivery(first, { state: "pending", dueAt: clock.now() + MINUTE, error: "slow down" });
      assert.equal(await take(store), null);
      assert.equal((await store.dropDelivery(first.id)).outcome, "dropped");
      assert.equal((await store.reader.nextDue()).delivery, clock.now());
      const second = await takeOne(store);
      assert.equal(second.text, "two");
      const { items } = await store.reader.deliveries({ state: "pending" });
      await store.dropDelivery(items[0]?.id ?? "");
      await store.settleDelivery(second, SENT);
      assert.equal(await take(store), null);
      assert.equal((await store.reader.nextDue()).delivery, null);
    },
  );

  contract.states("I25 repair: one that is on its way, sent, or still written is left alone", async ({ store }) => {
    await send(store, "one");
    const taken = await takeOne(store);
    assert.deepEqual(await store.dropDelivery(taken.id), { outcome: "unfit", state: "sending" });
    assert.deepEqual(await store.retryDelivery(taken.id, TWICE), { outcome: "unfit", state: "sending" });
    await store.settleDelivery(taken, SENT);
    assert.deepEqual(await store.dropDelivery(taken.id), { outcome: "unfit", state: "sent" });
    assert.equal(await stateOf(store, taken.id), "sent");
    await say(store, "stream");
    const open = await store.openDelivery((await claim(store)).lease);
    assert.ok(open.outcome === "opened");
    assert.deepEqual(await store.dropDelivery(open.delivery.id), { outcome: "unfit", state: "open" });
    assert.deepEqual(await store.dropDelivery("dlv_none"), { outcome: "missing" });
    assert.deepEqual(await store.retryDelivery("dlv_none"), { outcome: "missing" });
  });

  contract.states("I17 repair: of an erased session there is nothing to send", async ({ store }) => {
    await send(store, "one");
    const { id, sessionId } = await end(store, "failed");
    await store.erase(sessionId ?? "");
    assert.deepEqual(await store.retryDelivery(id), { outcome: "missing" });
  });
}
