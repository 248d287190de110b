import assert from "node:assert/strict";
import type { Destination } from "../../core/delivery.ts";
import type { Store, TakenDelivery } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, DAY, LEASE_MS, MINUTE, say } from "./steps.ts";

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
    const added = await store.addDelivery({ destination: HERE, text: "pong", key: null });
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
      for (const text of ["one", "two", "three"]) await store.addDelivery({ destination: HERE, text, key: null });
      await store.addDelivery({ destination: THERE, text: "elsewhere", key: null });
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
    for (const user of ["a", "b", "c"])
      await store.addDelivery({ destination: sourceOf({ user }), text: user, key: null });
    assert.equal((await take(store, "node-a", 2)).length, 2);
    assert.equal((await take(store, "node-a", 2)).length, 1);
  });

  contract.states("I25 deliveries: those of an account that has no sender left wait", async ({ store, clock }) => {
    const there = sourceOf({ account: "bot-2" });
    await store.addDelivery({ destination: sourceOf({ account: "bot-1" }), text: "busy", key: null });
    clock.advance(1);
    await store.addDelivery({ destination: there, text: "free", key: null });
    const request = { node: "node-a", leaseMs: LEASE_MS, limit: 10 };
    const besides = [
      { platform: "test", account: "bot-1" },
      { platform: "other", account: "bot-2" },
    ];
    assert.equal((await store.reader.nextDue()).delivery, clock.now() - 1);
    assert.equal((await store.reader.nextDue(besides)).delivery, clock.now());
    const [free, ...more] = await store.takeDeliveries({ ...request, besides });
    assert.deepEqual([free?.text, more.length], ["free", 0]);
    assert.deepEqual(await store.takeDeliveries({ ...request, besides }), []);
    assert.equal((await takeOne(store)).text, "busy");
  });

  contract.states(
    "I25 deliveries: one that is to be tried again holds back those behind it",
    async ({ store, clock }) => {
      await store.addDelivery({ destination: HERE, text: "one", key: null });
      await store.addDelivery({ destination: HERE, text: "two", key: null });
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
        await store.addDelivery({ destination: HERE, text: "one", key: null });
        await store.addDelivery({ destination: HERE, text: "two", key: null });
        assert.equal(await store.settleDelivery(await takeOne(store), { state, error: "no such chat" }), "settled");
        assert.equal((await takeOne(store)).text, "two");
        assert.equal((await store.reader.stats()).deliveries[state], 1);
      },
    );
  }

  contract.states("I25 deliveries: one whose sender disappeared comes back as ambiguous", async ({ store, clock }) => {
    const { id } = await store.addDelivery({ destination: HERE, text: "one", key: null });
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
    await store.addDelivery({ destination: HERE, text: "one", key: null });
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
    await store.addDelivery({ destination: HERE, text: "from a command", key: null });
    const first = await takeOne(store);
    assert.equal(first.text, "from the agent");
    await store.settleDelivery(first, { state: "sent", remoteId: null });
    assert.equal((await takeOne(store)).text, "from a command");
  });

  contract.states("I25 keys: what is added again under its key is there once", async ({ store }) => {
    const keyed = { destination: HERE, text: "pong", key: "test command-1" };
    const added = await store.addDelivery(keyed);
    const again = await store.addDelivery({ ...keyed, text: "another answer" });
    assert.deepEqual(again, added);
    assert.notEqual((await store.addDelivery({ ...keyed, key: "test command-2" })).id, added.id);
    assert.ok(!added.id.includes("command"), "an id must not reveal its key");
    const taken = (await take(store))[0] ?? assert.fail("it must be taken");
    assert.equal((await store.addDelivery(keyed)).state, "sending");
    await store.settleDelivery(taken, { state: "sent", remoteId: "r1" });
    const settled = await store.addDelivery(keyed);
    assert.deepEqual([settled.id, settled.state, settled.remoteId], [added.id, "sent", "r1"]);
    assert.equal((await takeOne(store)).text, "pong");
    assert.deepEqual(await take(store), []);
  });

  contract.states("I25 keys: without one, every reply is another", async ({ store }) => {
    const loose = { destination: HERE, text: "pong", key: null };
    assert.notEqual((await store.addDelivery(loose)).id, (await store.addDelivery(loose)).id);
  });

  contract.states("I25 keys: of many at once, one is added", async ({ store }) => {
    const keyed = { destination: HERE, text: "pong", key: "command-1" };
    const added = await Promise.all(Array.from({ length: 8 }, () => store.addDelivery(keyed)));
    assert.equal(new Set(added.map(({ id }) => id)).size, 1);
    assert.equal((await store.reader.stats()).deliveries.pending, 1);
  });

  contract.states("I17 keys: a reply of no session keeps its words until it is settled", async ({ store, clock }) => {
    const keyed = { destination: HERE, text: "the title is Plans", key: "command-1" };
    await store.addDelivery(keyed);
    const dueAt = clock.now() + MINUTE;
    await store.settleDelivery(await takeOne(store), { state: "pending", dueAt, error: "slow down" });
    clock.advanceTo(dueAt);
    const taken = await takeOne(store);
    assert.equal(taken.text, keyed.text);
    await store.settleDelivery(taken, { state: "sent", remoteId: null });
    assert.equal((await store.addDelivery(keyed)).text, "");
  });

  contract.states(
    "I27 keys: a settled reply of no session is forgotten with the receipts",
    async ({ store, clock }) => {
      const keyed = { destination: HERE, text: "pong", key: "command-1" };
      await store.addDelivery(keyed);
      await store.addDelivery({ destination: THERE, text: "not sent yet", key: "command-2" });
      const settle = async (): Promise<void> => {
        const [taken] = await take(store, "node-a", 1);
        assert.ok(taken !== undefined);
        await store.settleDelivery(taken, { state: "sent", remoteId: null });
      };
      await settle();
      clock.advance(6 * DAY);
      await store.sweep();
      assert.equal((await store.addDelivery(keyed)).state, "sent");
      clock.advance(2 * DAY);
      await store.sweep();
      assert.equal((await store.reader.stats()).deliveries.sent, 0);
      assert.equal((await takeOne(store)).text, "not sent yet");
      assert.equal((await store.addDelivery(keyed)).state, "pending");
    },
  );

  contract.states("I25 deliveries: one that was never taken cannot be settled", async ({ store }) => {
    const { id } = await store.addDelivery({ destination: HERE, text: "one", key: null });
    const sent = { state: "sent", remoteId: null } as const;
    assert.equal(await store.settleDelivery({ id, attempt: 1 }, sent), "lost");
    assert.equal(await store.settleDelivery({ id: "dlv_unknown", attempt: 1 }, sent), "lost");
    assert.equal((await takeOne(store)).id, id);
  });
}
