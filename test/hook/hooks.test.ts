import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { LifecycleEvent } from "../../src/core/lifecycle-event.ts";
import { createHooks, type HookHandlers, type SettledHook } from "../../src/hook/hooks.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { EventStore } from "../../src/store/store.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { eventually, settle } from "../turn/eventually.ts";

const NEVER = new Promise<never>(() => {});

async function setUp(settleEvent?: EventStore["settleEvent"]) {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const settled: SettledHook[] = [];
  const faults: unknown[] = [];
  const opened: { stop(drain: { readonly drainMs: number }): Promise<void> }[] = [];
  const events: EventStore = {
    watchEvents: () => store.watchEvents(),
    unwatchEvents: () => store.unwatchEvents(),
    takeEvents: (request) => store.takeEvents(request),
    settleEvent: settleEvent ?? ((id, result) => store.settleEvent(id, result)),
  };
  return {
    clock,
    store,
    faults,
    settled,
    outcomes: () => settled.map(({ type, outcome, attempt }) => `${type} ${outcome} ${attempt}`),
    start: async (handlers: HookHandlers) => {
      const hooks = createHooks({
        events,
        reader: store.reader,
        handlers,
        clock,
        onSettled: (hook) => void settled.push(hook),
        onFault: (error) => void faults.push(error),
      });
      opened.push(hooks);
      await hooks.start();
      return hooks;
    },
    /** A session of this person begins. */
    begin: async (user = "ada") => {
      const accepted = await store.accept(messageOf("hi", { source: sourceOf({ user }) }));
      assert.ok(accepted.outcome === "accepted");
      return accepted.session.id;
    },
    [Symbol.asyncDispose]: async () => {
      for (const hooks of opened) {
        const stopped = hooks.stop({ drainMs: 0 });
        await settle();
        clock.advance(1);
        await stopped;
      }
      await store[Symbol.asyncDispose]();
    },
  };
}

describe("hooks", () => {
  it("hear the events of a session in order, one after the other", async () => {
    await using rig = await setUp();
    const heard: string[] = [];
    const gate = Promise.withResolvers<void>();
    const hear = async (event: LifecycleEvent): Promise<void> => {
      heard.push(event.type);
      if (event.type === "session:start") await gate.promise;
    };
    const hooks = await rig.start({ "session:start": hear, "turn:start": hear, "session:end": hear });
    const sessionId = await rig.begin();
    await rig.store.claimTurn({ node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 });
    await rig.store.reset({ sessionId });
    hooks.wake();
    await eventually(() => heard.length === 1);
    await settle();
    assert.deepEqual(heard, ["session:start"], "the next one waits until this one is done");
    gate.resolve();
    await eventually(() => rig.settled.length === 3);
    assert.deepEqual(heard, ["session:start", "turn:start", "session:end"]);
  });

  it("hear the events of other sessions while one handler is slow", async () => {
    await using rig = await setUp();
    const heard: string[] = [];
    const hooks = await rig.start({
      "session:start": async ({ sessionId }) => {
        heard.push(sessionId);
        if (heard.length === 1) await NEVER;
      },
    });
    const ids = [await rig.begin("a"), await rig.begin("b"), await rig.begin("c")];
    hooks.wake();
    await eventually(() => rig.settled.length === 2);
    assert.deepEqual(heard.toSorted(), ids.toSorted());
  });

  it("hear an event again until its handler succeeds, and later ones of the session only then", async () => {
    await using rig = await setUp();
    const heard: string[] = [];
    let fails = 2;
    const hooks = await rig.start({
      "session:start": ({ id }) => {
        heard.push(`start ${id}`);
        if ((fails -= 1) >= 0) throw new Error("not yet");
      },
      "turn:start": () => void heard.push("turn"),
    });
    await rig.begin();
    await rig.store.claimTurn({ node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 });
    hooks.wake();
    await eventually(() => rig.settled.length === 1);
    rig.clock.advance(499);
    await settle();
    assert.equal(heard.length, 1, "half of a second at least");
    rig.clock.advance(501);
    await eventually(() => rig.settled.length === 2);
    for (let second = 0; second < 2; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    await eventually(() => rig.settled.length === 4);
    assert.equal(new Set(heard.slice(0, 3)).size, 1, "the same event id each time");
    assert.equal(heard[3], "turn");
    assert.deepEqual(rig.outcomes(), [
      "session:start retrying 1",
      "session:start retrying 2",
      "session:start done 3",
      "turn:start done 1",
    ]);
    assert.equal(rig.settled[0]?.error, "not yet");
  });

  it("give up an event after eight attempts, and go on with the next", async () => {
    await using rig = await setUp();
    const hooks = await rig.start({
      "session:start": () => Promise.reject(new Error("never")),
      "turn:start": () => {},
    });
    await rig.begin();
    await rig.store.claimTurn({ node: "node-1", leaseMs: 30_000_000, maxMessages: 1, maxAgeMs: 0 });
    hooks.wake();
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await eventually(() => rig.settled.length >= attempt);
      for (let minute = 0; minute < 6 && rig.settled.length === attempt; minute += 1) {
        rig.clock.advance(60_000);
        await settle();
      }
    }
    await eventually(() => rig.settled.length === 9);
    assert.deepEqual(rig.outcomes().slice(-3), [
      "session:start retrying 7",
      "session:start dead 8",
      "turn:start done 1",
    ]);
  });

  it("do not wait for a handler that takes longer than 30 s", async () => {
    await using rig = await setUp();
    const hooks = await rig.start({ "session:start": () => NEVER });
    await rig.begin();
    hooks.wake();
    await settle();
    rig.clock.advance(29_999);
    await settle();
    assert.equal(rig.settled.length, 0);
    rig.clock.advance(1);
    await eventually(() => rig.settled.length === 1);
    assert.match(rig.settled[0]?.error ?? "", /within 30 s/);
  });

  it("hear what was written while nobody ran, and again what was not settled by the process before", async () => {
    await using rig = await setUp();
    const first = await rig.start({ "session:start": () => NEVER });
    const one = await rig.begin("a");
    first.wake();
    await settle();
    const stopped = first.stop({ drainMs: 5_000 });
    await settle();
    rig.clock.advance(5_000);
    await stopped;
    const two = await rig.begin("b");
    const heard: string[] = [];
    await rig.start({ "session:start": ({ sessionId }) => void heard.push(sessionId) });
    await eventually(() => heard.length === 1);
    assert.deepEqual(heard, [two]);
    for (let second = 0; second < 61; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    assert.deepEqual(heard, [two, one], "its lease had to run out");
  });

  it("pass over events that have no handler, without a word", async () => {
    await using rig = await setUp();
    const heard: string[] = [];
    const hooks = await rig.start({ "turn:start": ({ turnId }) => void heard.push(turnId) });
    await rig.begin();
    const turn = await rig.store.claimTurn({ node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 });
    hooks.wake();
    await eventually(() => rig.settled.length === 1);
    assert.deepEqual(heard, [turn?.lease.turnId]);
    assert.deepEqual(rig.outcomes(), ["turn:start done 1"]);
  });

  it("let events wait for nobody when there is no handler", async () => {
    await using rig = await setUp();
    await rig.start({ "session:start": () => {} });
    await rig.start({});
    await rig.begin();
    assert.equal((await rig.store.reader.nextDue()).event, null);
  });

  it("do not call a handler again because the store could not note that it was done", async () => {
    let isDown = true;
    const done: number[] = [];
    await using rig = await setUp((id) => {
      if (isDown) return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "full", { retryable: true }));
      done.push(id);
      return Promise.resolve();
    });
    let calls = 0;
    const hooks = await rig.start({ "session:start": () => void (calls += 1) });
    await rig.begin();
    hooks.wake();
    await eventually(() => rig.faults.length === 1);
    isDown = false;
    rig.clock.advance(50);
    await eventually(() => done.length === 1);
    assert.equal(calls, 1);
  });
});
