import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, DAY, drainEvents, HOUR, say, stored, typesOf } from "./steps.ts";

const HERE = { source: sourceOf() };

/** What is set on a session, and on a draft before its birth: I20. */
export function updates(contract: Contract): void {
  contract.states("I20 update: it changes a stored session, by source and by id", async ({ store }) => {
    const { session } = await say(store, "hello");
    const byId = await store.update({ sessionId: session.id }, { title: "Plans" });
    assert.ok(byId.outcome === "updated");
    assert.deepEqual(byId.session, { ...session, title: "Plans" });
    const bySource = await store.update(HERE, { memoryFlushed: true });
    assert.ok(bySource.outcome === "updated");
    assert.deepEqual([bySource.session.title, bySource.session.memoryFlushed], ["Plans", true]);
    await store.update(HERE, { title: null });
    assert.deepEqual(await stored(store, session.id), { ...session, title: null, memoryFlushed: true });
  });

  contract.states("I19 update: a title that changes is told, and nothing else is", async ({ store }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    await store.update(HERE, { title: "Plans" });
    await store.update(HERE, { title: "Plans" });
    await store.update(HERE, { memoryFlushed: true });
    await store.update({ sessionId: session.id }, { title: null }, { ...HERE, eventId: "c1" });
    await store.update({ sessionId: session.id }, { title: "late" }, { ...HERE, eventId: "c1" });
    await assert.rejects(store.update(HERE, { title: "x".repeat(201) }), { code: "INVALID_INPUT" });
    await store.update({ source: sourceOf({ user: "bob" }) }, { title: "a draft's" });
    const events = await drainEvents(store);
    assert.deepEqual(typesOf(events, session.id), ["session:start", "session:update", "session:update"]);
    assert.equal(events.length, 3);
    const [, update] = events;
    assert.ok(update?.type === "session:update" && update.changed === "title");
    assert.ok(!JSON.stringify(events).includes("Plans"), "an event must not hold the title");
  });

  contract.states("I19 update: a title that was noted for a draft comes with its birth", async ({ store }) => {
    await store.watchEvents();
    await store.update(HERE, { title: "Plans" });
    const { session } = await say(store, "hello");
    assert.deepEqual(typesOf(await drainEvents(store), session.id), ["session:start"]);
  });

  contract.states("I20 update: an ended life can still be named", async ({ store }) => {
    const { session } = await say(store, "hello");
    await store.reset(HERE);
    assert.equal((await store.update({ sessionId: session.id }, { title: "Old plans" })).outcome, "updated");
    assert.equal((await stored(store, session.id)).title, "Old plans");
    assert.equal((await store.getOrCreate(HERE.source)).title, null);
  });

  contract.states("I20 update: a title has at most 200 characters", async ({ store }) => {
    await assert.rejects(store.update(HERE, { title: "x".repeat(201) }), { code: "INVALID_INPUT" });
    const { session } = await say(store, "hello");
    await assert.rejects(store.update(HERE, { title: "x".repeat(201) }), { code: "INVALID_INPUT" });
    assert.equal((await stored(store, session.id)).title, null);
    assert.equal((await store.update(HERE, { title: "x".repeat(200) })).outcome, "updated");
  });

  contract.states(
    "I20 notes: a title set on a draft is kept without a session and given to it at birth",
    async ({ store }) => {
      const noted = await store.update(HERE, { title: "Plans" });
      assert.ok(noted.outcome === "noted");
      assert.deepEqual([noted.session.title, noted.session.persisted], ["Plans", false]);
      assert.equal((await store.getOrCreate(HERE.source)).title, "Plans");
      assert.equal((await store.reader.stats()).sessions, 0);
      const { session } = await say(store, "hello");
      assert.equal(session.title, "Plans");
      assert.equal((await stored(store, session.id)).title, "Plans");
    },
  );

  contract.states("I20 notes: the last title counts, and null takes it back", async ({ store }) => {
    await store.update(HERE, { title: "One" });
    await store.update(HERE, { title: "Two" });
    assert.equal((await store.getOrCreate(HERE.source)).title, "Two");
    await store.update(HERE, { title: null });
    assert.equal((await store.getOrCreate(HERE.source)).title, null);
    assert.equal((await say(store, "hello")).session.title, null);
  });

  contract.states("I20 notes: a note is consumed by one birth", async ({ store }) => {
    await store.update(HERE, { title: "Plans" });
    await say(store, "hello");
    await store.reset(HERE);
    assert.equal((await store.getOrCreate(HERE.source)).title, null);
    assert.equal((await say(store, "anew")).session.title, null);
  });

  contract.states("I20 notes: a note belongs to its conversation", async ({ store }) => {
    await store.update(HERE, { title: "Plans" });
    const other = sourceOf({ user: "bob" });
    assert.equal((await say(store, "hello", { source: other })).session.title, null);
    assert.equal((await say(store, "hello")).session.title, "Plans");
  });

  contract.states("I20 notes: a note is kept for a day", async ({ store, clock }) => {
    await store.update(HERE, { title: "Plans" });
    clock.advance(DAY - 1000);
    assert.equal((await store.getOrCreate(HERE.source)).title, "Plans");
    clock.advance(1001);
    assert.equal((await store.getOrCreate(HERE.source)).title, null);
    assert.equal((await say(store, "hello")).session.title, null);
  });

  contract.states("I20 notes: after a reset they name the next life", async ({ store }) => {
    const { session } = await say(store, "hello");
    await store.reset(HERE);
    assert.equal((await store.update(HERE, { title: "Plans" })).outcome, "noted");
    assert.equal((await say(store, "anew")).session.title, "Plans");
    assert.equal((await stored(store, session.id)).title, null);
  });

  const idle = contract.given({ reset: { default: { mode: "idle", idleMs: HOUR } } });

  idle.states("I20 notes: when a life is due to end they name the next one", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi");
    clock.advance(HOUR);
    const noted = await store.update(HERE, { title: "Plans" });
    assert.ok(noted.outcome === "noted");
    assert.equal(noted.session.epoch, 2);
    assert.equal((await say(store, "good morning")).session.title, "Plans");
    assert.equal((await stored(store, session.id)).title, null);
  });

  contract.states("I20 commands: a redelivered command acts once", async ({ store }) => {
    const typed = (eventId: string) => ({ source: HERE.source, eventId });
    const { session } = await say(store, "hello");
    assert.equal((await store.update(HERE, { title: "One" }, typed("c1"))).outcome, "updated");
    await store.update(HERE, { title: "Two" }, typed("c2"));
    assert.equal((await store.update(HERE, { title: "One" }, typed("c1"))).outcome, "duplicate");
    assert.equal((await stored(store, session.id)).title, "Two");

    assert.equal((await store.reset(HERE, typed("c3"))).outcome, "reset");
    await say(store, "anew");
    assert.equal((await store.reset(HERE, typed("c3"))).outcome, "duplicate");
    assert.equal((await store.getOrCreate(HERE.source)).epoch, 2);
    assert.equal((await store.reset(HERE, typed("c4"))).outcome, "reset");
  });

  contract.states("I20 commands: of many deliveries at once, one acts", async ({ store }) => {
    await say(store, "hello");
    const command = { ...HERE, eventId: "c1" };
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.reset(HERE, command)));
    const names = outcomes.map(({ outcome }) => outcome).toSorted();
    assert.deepEqual(names, [...Array.from({ length: 7 }, () => "duplicate"), "reset"]);
  });

  contract.states("I20 commands: one without an id acts every time", async ({ store }) => {
    for (const epoch of [1, 2, 3]) {
      assert.equal((await say(store, "hello")).session.epoch, epoch);
      assert.equal((await store.reset(HERE, { ...HERE, eventId: null })).outcome, "reset");
    }
  });
}
