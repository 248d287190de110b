/** A newer message that comes at an awkward moment. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { messageOf } from "../../src/testing/sources.ts";
import { startDeafRunner } from "./deaf-runner.ts";
import { eventually, settle } from "./eventually.ts";
import { asked, begin, replacing, setUpInterrupting } from "./interrupt-setup.ts";

describe("a newer message that may interrupt", () => {
  it("does not wait for an agent that does not listen", async () => {
    await using rig = await setUpInterrupting();
    const { runner, begun } = startDeafRunner(rig);
    const { session } = await rig.say("one");
    runner.wake();
    await begun;
    await rig.store.accept(messageOf("two"));
    runner.newer(session.id);
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["interrupted", "done"]);
    assert.deepEqual(await runner.stop({ drainMs: 0 }), { finished: 0, left: [] });
  });

  it("does not take back an answer that is being stored, and is answered next", async () => {
    const gate = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<void>();
    const slowly = replacing("commitTurn", (commit) => async (lease, result) => {
      stored.resolve();
      await gate.promise;
      return await commit(lease, result);
    });
    await using rig = await setUpInterrupting({ wrap: slowly });
    rig.agent.next(["To one."], ["To two."]);
    rig.runner.start();
    const { session } = await rig.say("one");
    await stored.promise;
    await rig.say("two");
    await settle();
    gate.resolve();
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["done", "done"]);
    assert.deepEqual(asked(rig.agent.runs[1]), ["user: two"]);
    assert.deepEqual(await rig.transcript(session.id), [
      "user: one",
      "user: two",
      "assistant: To one.",
      "assistant: To two.",
    ]);
  });

  it("that is asked about in the commit of the answer does not make that look lost", async () => {
    let onCommit = (_sessionId: string): void => {};
    const beside = replacing("commitTurn", (commit) => (lease, result) => {
      const committed = commit(lease, result);
      onCommit(lease.sessionId);
      return committed;
    });
    await using rig = await setUpInterrupting({ wrap: beside });
    onCommit = rig.runner.newer;
    rig.runner.start();
    await rig.say("one");
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["done"]);
  });

  it("does not interrupt while the node drains: nothing would take it up", async () => {
    await using rig = await setUpInterrupting();
    const gate = Promise.withResolvers<void>();
    rig.agent.next(["To ", { wait: gate.promise }, "one."]);
    rig.runner.start();
    const { session } = await rig.say("one");
    await rig.agent.started(1);
    const stopped = rig.runner.stop({ drainMs: 60_000 });
    await rig.say("two");
    await settle();
    rig.clock.advance(15_000);
    await settle();
    gate.resolve();
    await stopped;
    assert.deepEqual(rig.outcomes(), ["done"]);
    assert.deepEqual(await rig.states(session.id), ["answered", "waiting"]);
  });

  it("waits with what it has interrupted when the node stops meanwhile", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["Half", HANG]);
    const { session } = await begin(rig);
    await rig.store.accept(messageOf("two"));
    rig.runner.newer(session.id);
    const stopped = rig.runner.stop({ drainMs: 0 });
    await settle();
    rig.clock.advance(1);
    const { left } = await stopped;
    assert.equal(left.length, 1);
    const turn = await rig.store.claimTurn({ node: "node-2", leaseMs: 1_000, maxMessages: 20, maxAgeMs: 0 });
    assert.deepEqual(
      turn?.messages.map(({ text }) => text),
      ["one", "two"],
    );
  });

  for (const order of ["before", "after"] as const) {
    it(`changes nothing when everything is stopped in the tick ${order} it`, async () => {
      await using rig = await setUpInterrupting();
      rig.agent.next(["Half", HANG]);
      const { session } = await begin(rig);
      await rig.store.accept(messageOf("two"));
      if (order === "after") rig.runner.newer(session.id);
      const cancelled = rig.runner.cancel({ sessionId: session.id });
      if (order === "before") rig.runner.newer(session.id);
      assert.equal((await cancelled).outcome, "cancelled");
      await eventually(() => rig.outcomes()[0]);
      assert.deepEqual(rig.outcomes(), ["cancelled"]);
      await settle();
      assert.equal(rig.agent.runs.length, 1);
      assert.deepEqual(await rig.states(session.id), ["cancelled", "cancelled"]);
      assert.deepEqual(await rig.transcript(session.id), ["user: one", "user: two"]);
    });
  }

  it("hands the turn back, uncounted, when nothing is left to answer together", async () => {
    let calls = 0;
    const alone = replacing("interruptTurn", (interrupt) => (lease, said) => {
      calls += 1;
      return calls === 1 ? Promise.resolve({ outcome: "alone" }) : interrupt(lease, said);
    });
    await using rig = await setUpInterrupting({ wrap: alone, options: { maxAttempts: 1 } });
    rig.agent.next(["Half", HANG]);
    await begin(rig);
    await rig.say("two");
    await eventually(() => rig.outcomes().length === 2);
    assert.equal(rig.outcomes()[0], "retrying");
    assert.equal(rig.outcomes()[1], "done", "the only attempt that counts is this one");
  });

  it("leaves everything to the node that has taken the lease meanwhile", async () => {
    const unavailable = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });
    let isDown = true;
    const failing = replacing("interruptTurn", (interrupt) => (lease, said) => {
      return isDown ? Promise.reject(unavailable) : interrupt(lease, said);
    });
    await using rig = await setUpInterrupting({ wrap: failing, options: { concurrency: 1 } });
    rig.agent.next(["Half", HANG]);
    const { session } = await begin(rig);
    await rig.say("two");
    await eventually(() => rig.telemetry.of("faulted").length > 0);
    await rig.store.releaseNode("node-1");
    const taken = await rig.store.claimTurn({ node: "node-2", leaseMs: 60_000, maxMessages: 20, maxAgeMs: 0 });
    assert.deepEqual(
      taken?.messages.map(({ text }) => text),
      ["one", "two"],
    );
    isDown = false;
    for (let second = 0; second < 12; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["lost"]);
    assert.deepEqual(await rig.states(session.id), ["running", "running"]);
    assert.equal((await rig.transcript(session.id)).length, 2, "what only this node had heard is not stored twice");
  });
});
