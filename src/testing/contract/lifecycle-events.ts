import assert from "node:assert/strict";
import type { Store, TakenEvent } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, drainEvents, LEASE_MS, MINUTE, say, typesOf } from "./steps.ts";

function take(store: Store, limit: number = 10): Promise<readonly TakenEvent[]> {
  return store.takeEvents({ leaseMs: LEASE_MS, limit });
}

async function takeOne(store: Store): Promise<TakenEvent> {
  const [taken, ...more] = await take(store);
  assert.ok(taken !== undefined && more.length === 0, "there must be one event to take");
  return taken;
}

/** What hooks are told: I19. */
export function lifecycleEvents(contract: Contract): void {
  contract.states("I19 lifecycle: each step is told once, in order, with its facts", async ({ store, clock }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    await say(store, "and more");
    const { lease } = await answer(store, "hi");
    const events = await drainEvents(store);
    const about = { sessionId: session.id, at: clock.now() };
    const ids = events.map(({ id }) => id);
    assert.deepEqual(events, [
      { ...about, id: ids[0], type: "session:start", epoch: 1, reset: null },
      { ...about, id: ids[1], type: "turn:start", turnId: lease.turnId, attempt: 1 },
      { ...about, id: ids[2], type: "turn:end", turnId: lease.turnId, outcome: "done" },
    ]);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(!JSON.stringify(events).includes("hello"), "an event must not hold what was said");
  });

  contract.states("I19 lifecycle: of each session the oldest first, and sessions side by side", async ({ store }) => {
    await store.watchEvents();
    const ada = await say(store, "hello");
    const bob = await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    await answer(store, "hi");
    await answer(store, "hi");
    const first = await take(store);
    assert.deepEqual(
      first.map(({ event }) => [event.sessionId, event.type]),
      [
        [ada.session.id, "session:start"],
        [bob.session.id, "session:start"],
      ],
    );
    assert.deepEqual(await take(store), []);
    await store.settleEvent(first[1]?.event.id ?? 0, "done");
    const next = await takeOne(store);
    assert.deepEqual([next.event.sessionId, next.event.type], [bob.session.id, "turn:start"]);
  });

  contract.states("lifecycle: what is to be done counts the events that wait, and no others", async ({ store }) => {
    await say(store, "before anybody watches");
    await store.watchEvents();
    assert.equal((await store.reader.backlog()).events, 0);
    await answer(store, "hi");
    assert.equal((await store.reader.backlog()).events, 2);
    const { event } = await takeOne(store);
    assert.equal((await store.reader.backlog()).events, 2, "one that is being handled is not done");
    await store.settleEvent(event.id, "dead");
    assert.equal((await store.reader.backlog()).events, 1);
    await store.unwatchEvents();
    assert.equal((await store.reader.backlog()).events, 0);
  });

  contract.states("I19 lifecycle: no more are taken than asked for", async ({ store }) => {
    await store.watchEvents();
    for (const user of ["ada", "bob", "cyd"]) await say(store, "hello", { source: sourceOf({ user }) });
    assert.equal((await take(store, 2)).length, 2);
    assert.equal((await take(store, 2)).length, 1);
  });

  contract.states("I19 lifecycle: one that was taken and not settled comes again", async ({ store, clock }) => {
    await store.watchEvents();
    await say(store, "hello");
    const first = await takeOne(store);
    clock.advance(LEASE_MS - 1);
    assert.deepEqual(await take(store), []);
    clock.advance(1);
    const second = await takeOne(store);
    assert.deepEqual(second.event, first.event);
    assert.deepEqual([first.attempt, second.attempt], [1, 2]);
  });

  contract.states(
    "I19 lifecycle: one that is to be tried again holds back those behind it",
    async ({ store, clock }) => {
      await store.watchEvents();
      await say(store, "hello");
      await answer(store, "hi");
      const first = await takeOne(store);
      const dueAt = clock.now() + 5 * MINUTE;
      await store.settleEvent(first.event.id, { dueAt });
      clock.advanceTo(dueAt - 1);
      assert.deepEqual(await take(store), []);
      assert.equal((await store.reader.nextDue()).event, dueAt);
      clock.advanceTo(dueAt);
      const again = await takeOne(store);
      assert.deepEqual([again.event.id, again.attempt], [first.event.id, 2]);
    },
  );

  contract.states("I19 lifecycle: one that is given up lets the next one go", async ({ store, clock }) => {
    await store.watchEvents();
    await say(store, "hello");
    await answer(store, "hi");
    const first = await takeOne(store);
    await store.settleEvent(first.event.id, "dead");
    assert.equal((await takeOne(store)).event.type, "turn:start");
    clock.advance(100 * MINUTE);
    const rest = (await drainEvents(store)).map(({ type }) => type);
    assert.deepEqual(rest, ["turn:start", "turn:end"]);
  });

  contract.states("I19 lifecycle: events wait from the first watch on, and not before", async ({ store }) => {
    await say(store, "before anyone watches");
    assert.deepEqual(await take(store), []);
    assert.equal((await store.reader.nextDue()).event, null);
    await store.watchEvents();
    assert.deepEqual(await take(store), []);
    const { session } = await say(store, "watched", { source: sourceOf({ user: "bob" }) });
    await store.watchEvents();
    assert.deepEqual(typesOf(await drainEvents(store), session.id), ["session:start"]);
  });

  contract.states("I19 lifecycle: when nobody watches any more, none waits", async ({ store }) => {
    await store.watchEvents();
    await say(store, "watched");
    await store.unwatchEvents();
    await say(store, "unwatched", { source: sourceOf({ user: "bob" }) });
    assert.deepEqual(await take(store), []);
    assert.equal((await store.reader.nextDue()).event, null);
    await store.watchEvents();
    assert.deepEqual(await take(store), []);
    const { session } = await say(store, "watched again", { source: sourceOf({ user: "cyd" }) });
    assert.deepEqual(typesOf(await drainEvents(store), session.id), ["session:start"]);
  });
}
