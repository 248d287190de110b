import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { eventually, settle } from "./eventually.ts";
import { setUpTurns } from "./turn-setup.ts";

const unavailable = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });

/** A store whose verb `name` fails as long as `isFailing` says so. */
function failing(name: keyof Store, isFailing: () => boolean): (store: Store) => Store {
  return (store) =>
    new Proxy(store, {
      get: (target, property) => {
        const verb: unknown = Reflect.get(target, property);
        if (typeof verb !== "function") return verb;
        return (...args: unknown[]): unknown =>
          property === name && isFailing() ? Promise.reject(unavailable) : Reflect.apply(verb, target, args);
      },
    });
}

describe("a lease", () => {
  it("is renewed as long as the agent runs", async () => {
    await using rig = await setUpTurns({ options: { leaseMs: 30_000 } });
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, "slow"]);
    rig.runner.start();
    await rig.say("hi");
    await rig.agent.started(1);
    for (let second = 0; second < 90; second += 5) {
      rig.clock.advance(5_000);
      await settle();
      assert.equal(await rig.store.claimTurn({ node: "node-2", leaseMs: 1_000, maxMessages: 20, maxAgeMs: 0 }), null);
    }
    gate.resolve();
    await eventually(() => rig.outcomes()[0] === "done");
  });

  it("that was lost stops the run at its next renewal, and nothing is committed", async () => {
    await using rig = await setUpTurns({ options: { leaseMs: 30_000, concurrency: 1 } });
    rig.agent.next([HANG]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    const run = await rig.agent.started(1);
    await rig.store.releaseNode("node-1");
    const stolen = await rig.store.claimTurn({ node: "node-2", leaseMs: 60_000, maxMessages: 20, maxAgeMs: 0 });
    assert.equal(stolen?.attempt, 2);
    rig.clock.advance(10_000);
    assert.equal(await run.ended, "aborted");
    await eventually(() => rig.outcomes()[0] === "lost");
    assert.deepEqual(await rig.states(session.id), ["running"], "the other node has it");
  });

  it("that this node takes again stops its older run, of which nothing more is heard", async () => {
    await using rig = await setUpTurns();
    rig.agent.next(["half", HANG], ["whole"]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    const heard: string[] = [];
    rig.live.listen(session.id, (part) => heard.push(part.type === "text" ? part.text : part.type));
    const run = await rig.agent.started(1);
    await eventually(() => heard.includes("half"));
    await rig.store.releaseNode("node-1");
    rig.runner.wake();
    await eventually(() => rig.outcomes().length === 2);
    assert.equal(await run.ended, "aborted");
    assert.deepEqual(heard, ["start", "half", "start", "whole", "end"]);
    assert.deepEqual(rig.outcomes().toSorted(), ["done", "lost"]);
  });

  it("that could not be renewed stops the run before it ends by its own clock", async () => {
    let isDown = false;
    await using rig = await setUpTurns({ wrap: failing("renewLease", () => isDown) });
    rig.agent.next([HANG], ["ok"]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    const run = await rig.agent.started(1);
    isDown = true;
    for (let second = 0; second < 26; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    assert.equal(run.signal.aborted, false, "it still holds");
    rig.clock.advance(1_000);
    assert.equal(run.signal.aborted, true, "three seconds before the lease of 30 s ends");
    assert.equal(await rig.store.claimTurn({ node: "node-2", leaseMs: 1_000, maxMessages: 20, maxAgeMs: 0 }), null);
    await eventually(() => rig.outcomes()[0] === "lost");
    assert.match(rig.telemetry.of("turnEnded")[0]?.[0].reason ?? "", /run out/);
    isDown = false;
    for (let second = 0; second < 5; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(await rig.states(session.id), ["answered"]);
  });
});

describe("a store that cannot be written", () => {
  it("is asked again while the lease lasts: the agent does not run twice", async () => {
    let isDown = true;
    await using rig = await setUpTurns({ wrap: failing("commitTurn", () => isDown) });
    rig.runner.start();
    const { session } = await rig.say("hi");
    await eventually(() => rig.telemetry.of("faulted").length === 1);
    for (let second = 0; second < 40; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    isDown = false;
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes()[0] === "done");
    assert.equal(rig.agent.runs.length, 1);
    assert.deepEqual(await rig.transcript(session.id), ["user: hi", "assistant: ok"]);
  });

  it("does not hold up a shutdown: the lease is left to run out", async () => {
    await using rig = await setUpTurns({ wrap: failing("failTurn", () => true) });
    rig.agent.next([HANG]);
    rig.runner.start();
    await rig.say("hi");
    const run = await rig.agent.started(1);
    const stopped = rig.runner.stop({ drainMs: 1_000 });
    for (let second = 0; second < 4; second += 1) {
      await settle();
      rig.clock.advance(1_000);
    }
    assert.deepEqual(await stopped, { finished: 0, left: [run.turn.turnId] });
    assert.deepEqual(rig.outcomes(), ["lost"]);
    rig.clock.advance(30_000);
    const turn = await rig.store.claimTurn({ node: "node-2", leaseMs: 1_000, maxMessages: 20, maxAgeMs: 0 });
    assert.equal(turn?.attempt, 2, "nobody renews it any more");
  });

  it("is asked again for a claim, with back-off", async () => {
    let isDown = true;
    await using rig = await setUpTurns({ wrap: failing("claimTurn", () => isDown) });
    rig.runner.start();
    await rig.say("hi");
    await eventually(() => rig.telemetry.of("faulted").length === 1);
    rig.runner.wake();
    await settle();
    assert.equal(rig.telemetry.of("faulted").length, 1, "a wake does not cut the back-off short");
    isDown = false;
    rig.clock.advance(100);
    await eventually(() => rig.outcomes()[0] === "done");
  });
});
