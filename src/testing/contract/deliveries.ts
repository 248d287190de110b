import assert from "node:assert/strict";
import type { Destination } from "../../core/delivery.ts";
import type { Store, TakenDelivery } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, LEASE_MS, MINUTE, say } from "./steps.ts";

const HERE: Destination = sourceOf();
const THERE: Destination = sourceOf({ user: "bob" });

function take(store: Store, node: string = "node-a", limit: number = 10): Promise<readonly TakenDelivery[]> {
  return store.takeDeliveries({ node, leaseMs: LEASE_MS, limit });
}

async function takeOne(store: Store, node?: string): Promise<TakenDelivery> {
  const [taken, ...more] = await take(store, node);
  assert.ok(taken !== undefined && more.length === 0, "there must be one delivery to take");
  return taken;
}

/** Replies on their way: I25. */
export function deliveries(contract: Contract): void {
  contract.states("I25 deliveries: a command's answer belongs to no session", async ({ store, clock }) => {
    const added = await store.addDelivery({ destination: HERE, text: "pong" });
    const taken = await takeOne(store);
    assert.equal(taken.id, added.id);
    assert.deepEqual([taken.sessionId, taken.turnId, taken.seq, taken.remoteId], [null, null, null, null]);
    assert.deepEqual([taken.text, taken.state, taken.attempt, taken.ambiguous], ["pong", "sending", 1, false]);
    const { platform, account, chatType, chat, thread, user } = HERE;
    assert.deepEqual(taken.destination, { platform, account, chatType, chat, thread, user });
    assert.equal(taken.createdAt, clock.now());
    assert.equal((await store.reader.stats()).sessions, 0);
  });

  contract.states(
    "I25 deliveries: to one destination one after the other, to several side by side",
    async ({ store }) => {
      for (const text of ["one", "two", "three"]) await store.addDelivery({ destination: HERE, text });
      await store.addDelivery({ destination: THERE, text: "elsewhere" });
      const first = await take(store);
      assert.deepEqual(first.map(({ text }) => text).toSorted(), ["elsewhere", "one"]);
      assert.deepEqual(await take(store, "node-b"), []);
      const sent: string[] = [];
      for (let one = first.find(({ text }) => text === "one"); one !== undefined; [one] = await take(store)) {
        assert.equal(await store.settleDelivery(one, { state: "sent", remoteId: `r-${one.text}` }), "settled");
        sent.push(one.text);
      }
      assert.deepEqual(sent, ["one", "two", "three"]);
      assert.equal((await store.reader.stats()).deliveries.sent, 3);
    },
  );

  contract.states("I25 deliveries: no more are taken than asked for", async ({ store }) => {
    for (const user of ["a", "b", "c"]) await store.addDelivery({ destination: sourceOf({ user }), text: user });
    assert.equal((await take(store, "node-a", 2)).length, 2);
    assert.equal((await take(store, "node-a", 2)).length, 1);
  });

  contract.states(
    "I25 deliveries: one that is to be tried again holds back those behind it",
    async ({ store, clock }) => {
      await store.addDelivery({ destination: HERE, text: "one" });
      await store.addDelivery({ destination: HERE, text: "two" });
      const first = await takeOne(store);
      const dueAt = clock.now() + MINUTE;
      assert.equal(await store.settleDelivery(first, { state: "pending", dueAt, error: "slow down" }), "settled");
      clock.advanceTo(dueAt - 1);
      assert.deepEqual(await take(store), []);
      assert.equal((await store.reader.nextDue()).delivery, dueAt);
      clock.advanceTo(dueAt);
      const again = await takeOne(store);
      assert.deepEqual([again.id, again.attempt, again.ambiguous], [first.id, 2, false]);
      assert.equal(await store.settleDelivery(first, { state: "sent", remoteId: null }), "lost");
      assert.equal(await store.settleDelivery(again, { state: "sent", remoteId: null }), "settled");
      assert.equal((await takeOne(store)).text, "two");
    },
  );

  for (const state of ["failed", "unknown"] as const) {
    contract.states(
      `I25 deliveries: one that is ${state} is kept as that, and the next one goes`,
      async ({ store }) => {
        await store.addDelivery({ destination: HERE, text: "one" });
        await store.addDelivery({ destination: HERE, text: "two" });
        assert.equal(await store.settleDelivery(await takeOne(store), { state, error: "no such chat" }), "settled");
        assert.equal((await takeOne(store)).text, "two");
        assert.equal((await store.reader.stats()).deliveries[state], 1);
      },
    );
  }

  contract.states("I25 deliveries: one whose sender disappeared comes back as ambiguous", async ({ store, clock }) => {
    const { id } = await store.addDelivery({ destination: HERE, text: "one" });
    const first = await takeOne(store, "node-a");
    clock.advance(LEASE_MS - 1);
    assert.deepEqual(await take(store, "node-b"), []);
    clock.advance(1);
    const second = await takeOne(store, "node-b");
    assert.deepEqual([second.id, second.attempt, second.ambiguous], [id, 2, true]);
    assert.equal(await store.settleDelivery(first, { state: "sent", remoteId: "r1" }), "lost");
    assert.equal(await store.settleDelivery(second, { state: "unknown", error: "nobody can tell" }), "settled");
    assert.equal(await store.settleDelivery(second, { state: "sent", remoteId: "r2" }), "lost");
    clock.advance(LEASE_MS);
    assert.deepEqual(await take(store), []);
  });

  contract.states("I25 deliveries: those of a dead node come back at once", async ({ store }) => {
    await store.addDelivery({ destination: HERE, text: "one" });
    await takeOne(store, "node-a");
    assert.deepEqual(await store.leaseholders(), ["node-a"]);
    await store.releaseNode("node-a");
    const taken = await takeOne(store, "node-b");
    assert.deepEqual([taken.attempt, taken.ambiguous], [2, true]);
    assert.deepEqual(await store.leaseholders(), ["node-b"]);
    await store.settleDelivery(taken, { state: "sent", remoteId: null });
    assert.deepEqual(await store.leaseholders(), []);
  });

  contract.states("I25 deliveries: replies of turns and answers of commands share one order", async ({ store }) => {
    await say(store, "hello");
    await answer(store, "from the agent", true);
    await store.addDelivery({ destination: HERE, text: "from a command" });
    const first = await takeOne(store);
    assert.equal(first.text, "from the agent");
    await store.settleDelivery(first, { state: "sent", remoteId: null });
    assert.equal((await takeOne(store)).text, "from a command");
  });

  contract.states("I25 deliveries: one that was never taken cannot be settled", async ({ store }) => {
    const { id } = await store.addDelivery({ destination: HERE, text: "one" });
    const sent = { state: "sent", remoteId: null } as const;
    assert.equal(await store.settleDelivery({ id, attempt: 1 }, sent), "lost");
    assert.equal(await store.settleDelivery({ id: "dlv_unknown", attempt: 1 }, sent), "lost");
    assert.equal((await takeOne(store)).id, id);
  });
}
