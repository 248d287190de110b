import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgentError } from "../../src/agent/agent.ts";
import { eventually, settle } from "./eventually.ts";
import { setUpTurns } from "./turn-setup.ts";

const down = new AgentError("The endpoint is down.", { retryable: true });
const refused = new AgentError("The endpoint knows no model of that name.", { retryable: false });

describe("a turn that fails", () => {
  it("is not tried again before the time that the agent's endpoint asked for", async () => {
    await using rig = await setUpTurns();
    const overloaded = new AgentError("The endpoint is overloaded.", { retryable: true, retryAfterMs: 30_000 });
    rig.agent.next([{ fail: overloaded }], ["at last"]);
    rig.runner.start();
    await rig.say("hi");
    await eventually(() => rig.outcomes().length === 1);
    rig.clock.advance(29_999);
    await settle();
    assert.equal(rig.agent.runs.length, 1);
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes().length === 2);
    assert.equal(rig.outcomes()[1], "done");
  });

  it("is tried again after a back-off that grows, with the same id and the same messages", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([{ fail: down }], [{ fail: new TypeError("nobody foresaw this") }], ["at last"]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    await eventually(() => rig.outcomes().length === 1);
    await rig.say("more");
    rig.clock.advance(499);
    await settle();
    assert.equal(rig.agent.runs.length, 1, "half of a second at least");
    rig.clock.advance(501);
    await eventually(() => rig.outcomes().length === 2);
    rig.clock.advance(999);
    await settle();
    assert.equal(rig.agent.runs.length, 2, "half of two seconds at least");
    rig.clock.advance(1_001);
    await eventually(() => rig.outcomes().length === 4);
    assert.deepEqual(rig.outcomes(), ["retrying", "retrying", "done", "done"]);
    const [one, two, three] = rig.agent.runs.map(({ turn }) => turn);
    assert.deepEqual([one?.attempt, two?.attempt, three?.attempt], [1, 2, 3]);
    assert.deepEqual([two?.turnId, three?.turnId], [one?.turnId, one?.turnId]);
    assert.deepEqual(
      three?.messages.map(({ text }) => text),
      ["hi"],
      "what came later belongs to the next turn",
    );
    assert.deepEqual(await rig.transcript(session.id), [
      "user: hi",
      "user: more",
      "assistant: at last",
      "assistant: ok",
    ]);
  });

  it("is dead after the last attempt, with a reason for the operator and a notice for the person", async () => {
    await using rig = await setUpTurns({ options: { maxAttempts: 2 }, delivers: true });
    rig.agent.next([{ fail: down }], ["half an answer", { fail: down }]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    await eventually(() => rig.outcomes().length === 1);
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["retrying", "dead"]);
    assert.match(rig.telemetry.of("turnEnded")[1]?.[0].reason ?? "", /The endpoint is down\..*last of 2 attempts/);
    assert.deepEqual(await rig.states(session.id), ["dead"]);
    const [, notice] = await rig.transcript(session.id);
    assert.match(notice ?? "", /^notice: Sorry, .*Send \/retry later/);
    const [delivery] = await rig.store.takeDeliveries({ node: "node-1", leaseMs: 1_000, limit: 5 });
    assert.match(delivery?.text ?? "", /^Sorry/);
    await rig.say("again");
    await eventually(() => rig.outcomes().length === 3);
    assert.deepEqual(await rig.states(session.id), ["dead", "answered"], "the session goes on");
  });

  it("is dead at once when it is too long for the agent, and the person is told what to do", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([{ fail: new AgentError("It is too long.", { fault: "context", retryable: false }) }]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    await eventually(() => rig.outcomes().length === 1);
    assert.deepEqual(rig.outcomes(), ["dead"]);
    const [, notice] = await rig.transcript(session.id);
    assert.match(notice ?? "", /^notice: Sorry, this is more than I can take in at once\. Please send it in parts/);
  });

  it("is dead at once when another attempt cannot help", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([{ fail: refused }]);
    rig.runner.start();
    const { session } = await rig.say("hi");
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["dead"]);
    assert.equal(rig.telemetry.of("turnEnded")[0]?.[0].reason, refused.message);
    assert.match((await rig.transcript(session.id))[1] ?? "", /^notice: Sorry/);
  });

  it("is dead without a run when its last permitted attempt lost its lease", async () => {
    await using rig = await setUpTurns({ options: { maxAttempts: 1 } });
    const { session } = await rig.say("hi");
    await rig.store.claimTurn({ node: "node-0", leaseMs: 30_000, maxMessages: 20, maxAgeMs: 0 });
    await rig.store.releaseNode("node-0");
    rig.runner.start();
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["dead"]);
    assert.equal(rig.agent.runs.length, 0);
    assert.deepEqual(await rig.states(session.id), ["dead"]);
  });

  it("has failed when the agent answers nothing, or stops in the middle", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([" \n"], [{ type: "reasoning" }, { type: "finish", reason: "length" }]);
    rig.runner.start();
    await rig.say("hi");
    await eventually(() => rig.outcomes().length === 1);
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["retrying", "retrying"]);
  });

  it("tells the log, not the operator's page, what an unforeseen error says", async () => {
    await using rig = await setUpTurns({ options: { maxAttempts: 1 } });
    rig.agent.next([{ fail: new RangeError("quotes the message") }]);
    rig.runner.start();
    await rig.say("hi");
    await eventually(() => rig.outcomes()[0]);
    const reason = rig.telemetry.of("turnEnded")[0]?.[0].reason ?? "";
    assert.match(reason, /RangeError/);
    assert.doesNotMatch(reason, /quotes/);
    assert.ok(rig.telemetry.of("faulted").some(([{ error }]) => error instanceof RangeError));
  });
});

describe("a turn that has waited", () => {
  it("too long is not run: the person is asked", async () => {
    await using rig = await setUpTurns();
    const { session } = await rig.say("reset my password");
    rig.clock.advance(3_600_001);
    rig.runner.start();
    await eventually(() => rig.outcomes()[0]);
    assert.equal(rig.agent.runs.length, 0);
    assert.deepEqual(rig.outcomes(), ["dead"]);
    assert.equal(
      (await rig.transcript(session.id))[1],
      'notice: Your message from 1 hour ago, "reset my password", has waited too long, so I have not acted on it. ' +
        "Shall I still answer it? Send /retry, and I will.",
    );
  });

  it("too long is run when somebody asks for it by hand", async () => {
    await using rig = await setUpTurns();
    const { session } = await rig.say("reset my password");
    rig.clock.advance(3_600_001);
    rig.runner.start();
    await eventually(() => rig.outcomes()[0] === "dead");
    const { items } = await rig.store.reader.turns({ state: "dead" });
    rig.clock.advance(3_600_001);
    assert.equal((await rig.store.retryTurn(items[0]?.id ?? "")).outcome, "retried");
    // Nobody wakes the runner: another process may have written.
    await settle();
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["dead", "done"]);
    assert.deepEqual(await rig.states(session.id), ["answered"]);
    assert.deepEqual(
      rig.agent.runs[0]?.turn.messages.map(({ text }) => text),
      ["reset my password"],
    );
  });

  it("too long does not hold up what came later, which is answered", async () => {
    await using rig = await setUpTurns();
    const { session } = await rig.say("old");
    rig.clock.advance(3_600_001);
    await rig.say("new");
    rig.runner.start();
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["dead", "done"]);
    assert.deepEqual(await rig.states(session.id), ["dead", "answered"]);
    const [run] = rig.agent.runs;
    assert.deepEqual([run?.turn.messages.map(({ text }) => text), run?.turn.transcript], [["new"], []]);
  });

  it("is young enough at any age when the limit is 0", async () => {
    await using patient = await setUpTurns({ options: { maxAgeMs: 0 } });
    await patient.say("old");
    patient.clock.advance(1e12);
    patient.runner.start();
    await eventually(() => patient.outcomes()[0] === "done");
  });
});

describe("the first turn after an automatic reset", () => {
  const idle = { reset: { default: { mode: "idle", idleMs: 60_000 } } } as const;

  it("is announced once, before its answer, with the true reason", async () => {
    await using rig = await setUpTurns({ store: idle });
    rig.runner.start();
    const before = await rig.say("1");
    await eventually(() => rig.outcomes().length === 1);
    rig.clock.advance(60_001);
    const after = await rig.say("2");
    assert.notEqual(after.session.id, before.session.id);
    await eventually(() => rig.outcomes().length === 2);
    await rig.say("3");
    await eventually(() => rig.outcomes().length === 3);
    const lines = await rig.transcript(after.session.id);
    assert.match(lines[1] ?? "", /^notice: This is a new conversation.*nobody had written for a while/);
    assert.deepEqual([lines[0], ...lines.slice(2)], ["user: 2", "assistant: ok", "user: 3", "assistant: ok"]);
    assert.deepEqual(
      rig.agent.runs.map(({ turn }) => turn.reset),
      [null, { reason: "idle", hadActivity: true }, null],
    );
    assert.deepEqual(
      rig.agent.runs[2]?.turn.transcript.map(({ text }) => text),
      ["2", "ok"],
      "a notice is no part of a prompt",
    );
  });

  it("is announced as well when it dies", async () => {
    await using rig = await setUpTurns({ store: idle });
    rig.runner.start();
    await rig.say("1");
    await eventually(() => rig.outcomes().length === 1);
    rig.clock.advance(60_001);
    rig.agent.next([{ fail: refused }]);
    const { session } = await rig.say("2");
    await eventually(() => rig.outcomes().length === 2);
    assert.match((await rig.transcript(session.id))[1] ?? "", /new conversation[^]*Sorry/);
  });

  it("is not announced after a command: whoever typed it knows", async () => {
    await using rig = await setUpTurns();
    rig.runner.start();
    const { session } = await rig.say("1");
    await eventually(() => rig.outcomes().length === 1);
    await rig.store.reset({ sessionId: session.id });
    const next = await rig.say("2");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(await rig.transcript(next.session.id), ["user: 2", "assistant: ok"]);
    assert.equal(rig.agent.runs[1]?.turn.reset?.reason, "command", "the agent is told");
  });
});
