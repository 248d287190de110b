import assert from "node:assert/strict";
import type { Destination } from "../../core/delivery.ts";
import type { Store, TakenDelivery } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claim, LEASE_MS, MINUTE, say, SECOND, sentResultOf } from "./steps.ts";

const HERE: Destination = sourceOf();
const THERE: Destination = sourceOf({ user: "bob" });

async function take(store: Store): Promise<TakenDelivery | null> {
  const [taken, ...more] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
  assert.equal(more.length, 0, "one destination has one delivery on its way");
  return taken ?? null;
}

async function takeOne(store: Store): Promise<TakenDelivery> {
  return (await take(store)) ?? assert.fail("there must be a delivery to take");
}

async function add(store: Store, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await store.addDelivery({ destination: HERE, text, key: null });
}

const sentWith = (restMs: number) => ({ state: "sent", remoteId: null, restMs }) as const;

/** Replies that wait for their destination to have rested, and those of which something is not known: I25. */
export function putOff(contract: Contract): void {
  contract.states("I25 rest: the next reply to a destination is due when it has rested", async ({ store, clock }) => {
    await add(store, "one", "two");
    await store.settleDelivery(await takeOne(store), sentWith(3 * SECOND));
    assert.equal((await store.reader.nextDue()).delivery, clock.now() + 3 * SECOND);
    clock.advance(3 * SECOND - 1);
    assert.equal(await take(store), null);
    await store.addDelivery({ destination: THERE, text: "elsewhere", key: null });
    await store.settleDelivery(await takeOne(store), sentWith(0));
    clock.advance(1);
    assert.equal((await takeOne(store)).text, "two");
  });

  contract.states("I25 rest: it holds for what is added later, and after a restart", async (scene) => {
    const { store, clock } = scene;
    await add(store, "one");
    await store.settleDelivery(await takeOne(store), sentWith(3 * SECOND));
    clock.advance(SECOND);
    const later = contract.durable ? await scene.reopen() : store;
    await add(later, "two");
    assert.equal((await later.reader.nextDue()).delivery, clock.now() + 2 * SECOND);
    clock.advance(2 * SECOND);
    assert.equal((await takeOne(store)).text, "two");
  });

  contract.states("I25 rest: it ends with the next one that is sent, and lasts a minute at most", async (scene) => {
    const { store, clock } = scene;
    await add(store, "one", "two", "three", "four");
    await store.settleDelivery(await takeOne(store), sentWith(24 * 60 * MINUTE));
    assert.equal((await store.reader.nextDue()).delivery, clock.now() + MINUTE);
    clock.advance(MINUTE);
    await store.settleDelivery(await takeOne(store), sentWith(0));
    const third = await takeOne(store);
    assert.equal(third.text, "three");
    await store.settleDelivery(third, sentWith(30 * SECOND));
    clock.advance(30 * SECOND);
    assert.equal((await takeOne(store)).text, "four");
  });

  contract.states("I25 rest: a sweep does not cut it short, nor what was put off", async ({ store, clock }) => {
    await add(store, "one", "two");
    await store.settleDelivery(await takeOne(store), sentWith(MINUTE));
    await store.sweep();
    assert.equal((await store.reader.nextDue()).delivery, clock.now() + MINUTE);
    clock.advance(MINUTE);
    const dueAt = clock.now() + MINUTE;
    await store.settleDelivery(await takeOne(store), { state: "pending", dueAt, error: "it rests", counts: false });
    await store.sweep();
    assert.equal((await store.reader.nextDue()).delivery, dueAt);
  });

  contract.states("I25 put off: an attempt that does not count costs none, and is no repetition", async (scene) => {
    const { store, clock } = scene;
    await add(store, "one");
    for (let time = 1; time <= 3; time += 1) {
      const taken = await takeOne(store);
      assert.deepEqual([taken.attempt, taken.pardoned, taken.ambiguous], [time, time - 1, false]);
      const dueAt = clock.now() + SECOND;
      const rest = { state: "pending", dueAt, error: "it rests", counts: false } as const;
      assert.equal(await store.settleDelivery(taken, rest), "settled");
      assert.equal(await take(store), null);
      clock.advanceTo(dueAt);
    }
  });

  contract.states("I25 put off: what may have arrived is remembered until it was found out", async (scene) => {
    const { store, clock } = scene;
    await add(store, "one");
    const put = async (ambiguous: boolean): Promise<TakenDelivery> => {
      const dueAt = clock.now() + SECOND;
      await store.settleDelivery(await takeOne(store), { state: "pending", dueAt, error: "no answer", ambiguous });
      clock.advanceTo(dueAt);
      const taken = await takeOne(store);
      await store.settleDelivery(taken, { state: "pending", dueAt, error: "", ambiguous: taken.ambiguous });
      return taken;
    };
    assert.equal((await put(true)).ambiguous, true);
    assert.equal((await put(false)).ambiguous, false);
  });

  contract.states("I25 put off: of a message that is gone the id is forgotten", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.openDelivery(lease);
    await store.recordPost(lease, "remote-1");
    await store.commitTurn(lease, sentResultOf("the whole reply"));
    const taken = await takeOne(store);
    assert.equal(taken.remoteId, "remote-1");
    const dueAt = clock.now();
    await store.settleDelivery(taken, { state: "pending", dueAt, error: "gone", gone: true, counts: false });
    const again = await takeOne(store);
    assert.deepEqual([again.id, again.remoteId, again.text], [taken.id, null, "the whole reply"]);
    await store.settleDelivery(again, { state: "sent", remoteId: "remote-2" });
  });
}
