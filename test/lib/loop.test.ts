import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLoop } from "../../src/lib/loop.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { settle } from "../turn/eventually.ts";

function setUp(step: () => Promise<void> = async () => {}) {
  const clock = createManualClock(1_000_000);
  const state = { steps: 0, reads: 0, due: null as number | null, faults: [] as unknown[] };
  const loop = createLoop({
    clock,
    step: async () => {
      state.steps += 1;
      await step();
    },
    nextDue: async () => {
      state.reads += 1;
      return state.due;
    },
    onFault: (error) => state.faults.push(error),
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  return { clock, state, loop, pass };
}

describe("a loop", () => {
  it("begins with a step, and takes another one when it is woken", async () => {
    const { loop, state } = setUp();
    await using _ = loop;
    loop.wake();
    await settle();
    assert.equal(state.steps, 0, "it has not been started");
    loop.start();
    loop.start();
    await settle();
    assert.equal(state.steps, 1);
    loop.wake();
    await settle();
    assert.equal(state.steps, 2);
  });

  it("makes one more step of all wakes that come during a step, and never two at once", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let running = 0;
    let most = 0;
    const { loop, state } = setUp(async () => {
      running += 1;
      most = Math.max(most, running);
      await gates[state.steps - 1]?.promise;
      running -= 1;
    });
    loop.start();
    for (let wake = 0; wake < 5; wake += 1) {
      loop.wake();
      await settle();
    }
    assert.equal(state.steps, 1);
    gates[0]?.resolve();
    await settle();
    assert.equal(state.steps, 2);
    gates[1]?.resolve();
    await settle();
    assert.deepEqual([state.steps, most], [2, 1]);
    await loop.stop();
  });

  it("takes a step when something falls due", async () => {
    const { loop, state, pass, clock } = setUp();
    await using _ = loop;
    state.due = clock.now() + 300;
    loop.start();
    await settle();
    await pass(299);
    assert.equal(state.steps, 1);
    await pass(1);
    assert.equal(state.steps, 2);
  });

  it("only reads while nothing is due, once a second, and so notices what nobody woke it for", async () => {
    const { loop, state, pass, clock } = setUp();
    await using _ = loop;
    loop.start();
    await settle();
    for (let second = 0; second < 10; second += 1) await pass(1_000);
    assert.deepEqual([state.steps, state.reads], [1, 11]);
    state.due = clock.now();
    await pass(1_000);
    await pass(20);
    assert.equal(state.steps, 2);
  });

  it("notices what falls due before the time it knew of", async () => {
    const { loop, state, pass, clock } = setUp();
    await using _ = loop;
    state.due = clock.now() + 3_600_000;
    loop.start();
    await settle();
    state.due = clock.now();
    await pass(1_000);
    await pass(20);
    assert.equal(state.steps, 2);
  });

  it("does not spin when a step leaves something due", async () => {
    const { loop, state, pass, clock } = setUp();
    await using _ = loop;
    state.due = clock.now() - 1;
    loop.start();
    await settle();
    for (let ms = 0; ms < 100; ms += 10) await pass(10);
    assert.ok(state.steps <= 6, `${state.steps} steps in 100 ms`);
  });

  it("backs off after faults, and reports each", async () => {
    const faults = [new Error("one"), new Error("two")];
    const { loop, state, pass } = setUp(async () => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
    });
    await using _ = loop;
    loop.start();
    await settle();
    loop.wake();
    await pass(49);
    assert.deepEqual([state.steps, state.faults.length], [1, 1], "half of 100 ms at least");
    await pass(51);
    assert.equal(state.steps, 2);
    await pass(99);
    assert.equal(state.steps, 2, "half of 200 ms at least");
    await pass(101);
    assert.deepEqual([state.steps, state.faults.length], [3, 2]);
  });

  it("begins its back-off anew after a step that went well", async () => {
    let isDown = true;
    const { loop, state, pass } = setUp(() => (isDown ? Promise.reject(new Error("down")) : Promise.resolve()));
    await using _ = loop;
    loop.start();
    await settle();
    for (const ms of [100, 200, 400]) await pass(ms);
    assert.equal(state.steps, 4);
    isDown = false;
    await pass(800);
    isDown = true;
    loop.wake();
    await settle();
    assert.equal(state.steps, 6);
    await pass(100);
    assert.equal(state.steps, 7);
  });

  it("stops when the step that runs has ended, and then does nothing more", async () => {
    const gate = Promise.withResolvers<void>();
    const { loop, state, pass } = setUp(() => gate.promise);
    loop.start();
    let isStopped = false;
    const stopped = loop.stop().then(() => (isStopped = true));
    await settle();
    assert.equal(isStopped, false);
    gate.resolve();
    await stopped;
    loop.wake();
    loop.start();
    await pass(10_000);
    assert.equal(state.steps, 1);
  });

  it("stops from its rest and from its back-off without waiting for them", async () => {
    const resting = setUp();
    resting.loop.start();
    await settle();
    await resting.loop.stop();
    const failing = setUp(() => Promise.reject(new Error("down")));
    failing.loop.start();
    await settle();
    await failing.loop.stop();
    assert.equal(failing.state.steps, 1);
  });
});
