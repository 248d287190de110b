import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HANG } from "../../src/testing/fake-agent.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { startDeafRunner } from "./deaf-runner.ts";
import { eventually, settle } from "./eventually.ts";
import { setUpTurns } from "./turn-setup.ts";

describe("turns", () => {
  it("answers a message and stores the answer with what it cost, without the thinking", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([
      { type: "reasoning" },
      "Hello ",
      "Ada.",
      { type: "usage", model: "m-1", inputTokens: 10, outputTokens: 2 },
      { type: "usage", model: "m-1", inputTokens: 20, outputTokens: 3 },
    ]);
    rig.runner.start();
    const { session } = await rig.say("Hi");
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(await rig.transcript(session.id), ["user: Hi", "assistant: Hello Ada."]);
    assert.deepEqual(await rig.states(session.id), ["answered"]);
    const found = await rig.store.reader.get(session.id);
    assert.deepEqual(found.outcome === "found" && found.session.usage, { inputTokens: 30, outputTokens: 5 });
    assert.deepEqual(rig.outcomes(), ["done"]);
  });

  it("runs one turn at a time in a session, in the order of the messages", async () => {
    await using rig = await setUpTurns();
    const first = Promise.withResolvers<void>();
    rig.agent.next([{ wait: first.promise }, "one"], ["two"]);
    rig.runner.start();
    const { session } = await rig.say("1");
    await rig.agent.started(1);
    await rig.say("2");
    await rig.say("3");
    await settle();
    assert.equal(rig.agent.runs.length, 1, "the session is busy");
    first.resolve();
    await eventually(() => rig.outcomes().length === 2);
    const [one, two] = rig.agent.runs;
    assert.deepEqual(
      one?.turn.messages.map(({ text }) => text),
      ["1"],
    );
    assert.deepEqual(
      two?.turn.messages.map(({ text }) => text),
      ["2", "3"],
      "what waited is one turn",
    );
    assert.deepEqual(
      two?.turn.transcript.map(({ role, text }) => [role, text]),
      [
        ["user", "1"],
        ["assistant", "one"],
      ],
      "an answer that was stored after the next message still stands before it",
    );
    assert.deepEqual(await rig.states(session.id), ["answered", "answered", "answered"]);
  });

  it("runs sessions in parallel, up to its concurrency", async () => {
    await using rig = await setUpTurns({ options: { concurrency: 3 } });
    const gate = Promise.withResolvers<void>();
    for (let run = 0; run < 5; run += 1) rig.agent.next([{ wait: gate.promise }, "ok"]);
    rig.runner.start();
    for (const user of ["a", "b", "c", "d", "e"]) await rig.say("hi", user);
    await rig.agent.started(3);
    await settle();
    assert.equal(rig.agent.runs.length, 3, "no more than three at once");
    gate.resolve();
    await eventually(() => rig.outcomes().length === 5);
    assert.deepEqual(
      rig.agent.runs.map(({ turn }) => turn.source.user),
      ["a", "b", "c", "d", "e"],
    );
  });

  it("takes up at its start what an earlier process has left waiting or between attempts", async () => {
    await using rig = await setUpTurns();
    await rig.say("waiting", "a");
    await rig.say("claimed by a node that died", "b");
    const claims = [1, 2].map(() =>
      rig.store.claimTurn({ node: "node-0", leaseMs: 30_000, maxMessages: 20, maxAgeMs: 0 }),
    );
    await Promise.all(claims);
    await rig.store.releaseNode("node-0");
    await rig.say("came later", "c");
    rig.runner.start();
    await eventually(() => rig.outcomes().length === 3);
    const runs = rig.agent.runs.map(({ turn }) => `${turn.source.user} ${turn.attempt}`);
    assert.deepEqual(runs.toSorted(), ["a 2", "b 2", "c 1"]);
  });

  it("takes up a turn whose lease has run out, and notices it without being woken", async () => {
    await using rig = await setUpTurns();
    await rig.say("hi");
    await rig.store.claimTurn({ node: "node-0", leaseMs: 10_000, maxMessages: 20, maxAgeMs: 0 });
    rig.runner.start();
    await settle();
    assert.equal(rig.agent.runs.length, 0, "the lease still holds");
    for (let second = 0; second < 11; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    assert.equal(rig.agent.runs[0]?.turn.attempt, 2);
  });

  it("notices within a second what another process has written", async () => {
    await using rig = await setUpTurns();
    rig.runner.start();
    await settle();
    await rig.store.accept(messageOf("from another process"));
    rig.clock.advance(1_000);
    await settle();
    rig.clock.advance(20);
    await rig.agent.started(1);
  });

  it("stops the run of a turn that is cancelled, and goes on with what comes later", async () => {
    await using rig = await setUpTurns();
    rig.agent.next(["half an ans", HANG]);
    rig.runner.start();
    const { session } = await rig.say("1");
    const run = await rig.agent.started(1);
    await rig.say("2");
    assert.deepEqual(await rig.runner.cancel({ sessionId: session.id }), {
      outcome: "cancelled",
      turnId: run.turn.turnId,
      messages: 2,
      answering: 1,
      waiting: 1,
    });
    assert.equal(await run.ended, "aborted");
    await rig.say("3");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["cancelled", "done"]);
    assert.deepEqual(rig.telemetry.of("faulted"), [], "which is no fault");
    assert.deepEqual(await rig.states(session.id), ["cancelled", "cancelled", "answered"]);
    assert.deepEqual(rig.agent.runs[1]?.turn.transcript, [], "what was taken back is not shown again");
    assert.ok(!(await rig.transcript(session.id)).some((line) => line.includes("half")));
  });

  it("leaves an agent behind that does not stop when it is told to", async () => {
    await using rig = await setUpTurns({ options: { concurrency: 1 } });
    const { runner, begun } = startDeafRunner(rig);
    const { session } = await rig.say("hi");
    runner.wake();
    await begun;
    await runner.cancel({ sessionId: session.id });
    await eventually(() => rig.outcomes()[0] === "cancelled");
    assert.deepEqual(await runner.stop({ drainMs: 0 }), { finished: 0, left: [] });
  });

  it("commits nothing of a turn whose session was reset while it ran", async () => {
    await using rig = await setUpTurns();
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, "too late"]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    await rig.agent.started(1);
    await rig.store.reset({ sessionId: session.id });
    gate.resolve();
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["lost"]);
    assert.deepEqual(await rig.states(session.id), ["cancelled"]);
    assert.ok(!(await rig.transcript(session.id)).some((line) => line.includes("too late")));
  });

  it("stops the run of a session whose life was ended here", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([HANG]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    const run = await rig.agent.started(1);
    await rig.store.reset({ sessionId: session.id });
    rig.runner.abandon(session.id);
    assert.equal(await run.ended, "aborted");
    await eventually(() => rig.outcomes()[0] === "lost");
  });

  it("delivers answers where the platform wants them sent", async () => {
    await using rig = await setUpTurns({ delivers: true });
    rig.runner.start();
    await rig.say("hi");
    await eventually(() => rig.outcomes()[0]);
    const [delivery] = await rig.store.takeDeliveries({ node: "node-1", leaseMs: 1_000, limit: 5 });
    assert.equal(delivery?.text, "ok");
    assert.deepEqual(delivery?.destination.user, sourceOf().user);
  });
});

describe("draining", () => {
  it("lets what runs finish, and claims nothing more", async () => {
    await using rig = await setUpTurns();
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, "ok"]);
    rig.runner.start();
    const { session } = await rig.say("1");
    await rig.agent.started(1);
    const stopped = rig.runner.stop({ drainMs: 10_000 });
    await rig.say("2");
    gate.resolve();
    assert.deepEqual(await stopped, { finished: 1, left: [] });
    await settle();
    assert.deepEqual(await rig.states(session.id), ["answered", "waiting"]);
  });

  it("hands back what is not finished in time, at once and without telling anybody", async () => {
    await using rig = await setUpTurns();
    rig.agent.next(["half", HANG], ["done"]);
    rig.runner.start();
    const { session } = await rig.say("1");
    const run = await rig.agent.started(1);
    const stopped = rig.runner.stop({ drainMs: 10_000 });
    await settle();
    rig.clock.advance(10_000);
    assert.deepEqual(await stopped, { finished: 0, left: [run.turn.turnId] });
    assert.equal(await run.ended, "aborted");
    assert.deepEqual(await rig.transcript(session.id), ["user: 1"]);
    const turn = await rig.store.claimTurn({ node: "node-2", leaseMs: 1_000, maxMessages: 20, maxAgeMs: 0 });
    assert.equal(turn?.lease.turnId, run.turn.turnId, "another node takes it up without waiting for the lease");
  });
});
