import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentChoice, AgentPorts, AgentQuestion } from "../../src/agent/agent.ts";
import { ParlorError } from "../../src/core/errors.ts";
import type { Question } from "../../src/core/question.ts";
import type { Store } from "../../src/store/store.ts";
import type { FakeAgentStep } from "../../src/testing/fake-agent.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { QUESTION_WAIT_MS } from "../../src/turn/agent-ports.ts";
import type { LivePart } from "../../src/turn/live.ts";
import { eventually, passTime, settle } from "./eventually.ts";
import { OPTIONS, setUpTurns, type TurnSetup } from "./turn-setup.ts";

const QUESTION: AgentQuestion = {
  text: "May I?",
  choices: [
    { id: "yes", label: "Allow" },
    { id: "no", label: "Do not allow" },
  ],
};
const ASK: FakeAgentStep = { ask: QUESTION, say: (choice) => said(choice) };
const HERE = { source: sourceOf({ user: "ada" }) };

function said(choice: AgentChoice): string {
  return choice.outcome === "chosen" ? `chose ${choice.id}` : "nobody chose";
}

async function asked(rig: TurnSetup, sessionId: string): Promise<Question> {
  return await eventually(() => rig.store.reader.openQuestion(sessionId));
}

/** Answers as another process does: the run is not told. */
async function answer(rig: TurnSetup, choice: string): Promise<Question> {
  const outcome = await rig.store.answerQuestion(HERE, { by: "ada", choice });
  assert.ok(outcome.outcome === "answered", outcome.outcome);
  return outcome.question;
}

describe("a question of an agent", () => {
  it("I32 is put to the person, and the choice is told to the agent at once", async () => {
    await using rig = await setUpTurns({ delivers: true });
    const parts: LivePart[] = [];
    rig.agent.next(["First, ", ASK, "."]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    rig.live.listen(session.id, (part) => void parts.push(part));
    const question = await asked(rig, session.id);
    const { items } = await rig.store.reader.deliveries();
    assert.deepEqual(
      items.map(({ text }) => text),
      ["May I?\n\n1. Allow\n2. Do not allow\n\nAnswer with a number."],
    );
    const { turnId } = await answer(rig, "1");
    rig.runner.answered(turnId);
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(rig.outcomes(), ["done"]);
    assert.deepEqual((await rig.transcript(session.id)).slice(2), [
      "notice: Chosen: Allow",
      "assistant: First, chose yes.",
    ]);
    const { id, text, choices, expiresAt } = question;
    assert.deepEqual(
      parts.filter(({ type }) => type === "question" || type === "answer"),
      [
        { type: "question", turnId, question: { id, text, choices, expiresAt } },
        { type: "answer", turnId, questionId: id, choice: "yes" },
      ],
    );
  });

  it("I32 wakes the deliveries when it is asked", async () => {
    let woken = 0;
    await using rig = await setUpTurns({ delivers: true, onCommitted: () => (woken += 1) });
    rig.agent.next([ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await asked(rig, session.id);
    await eventually(() => woken === 1);
  });

  it("I32 is answered by another process within a second", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await asked(rig, session.id);
    await answer(rig, "Do not allow");
    await settle();
    assert.deepEqual(rig.outcomes(), []);
    await passTime(rig.clock, 1_000, 500);
    await eventually(() => rig.outcomes()[0]);
    assert.equal((await rig.transcript(session.id)).at(-1), "assistant: chose no");
  });

  it("I22 I32 keeps its lease while it waits, and goes on without an answer when its time is over", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    const { id } = await asked(rig, session.id);
    await passTime(rig.clock, QUESTION_WAIT_MS - 1_000, 500);
    assert.equal(rig.agent.runs.length, 1, "nobody else has taken it");
    assert.equal((await rig.store.reader.question(id))?.state, "open");
    await passTime(rig.clock, 1_000, 500);
    await eventually(() => rig.outcomes()[0]);
    assert.equal((await rig.store.reader.question(id))?.state, "expired");
    assert.equal((await rig.transcript(session.id)).at(-1), "assistant: nobody chose");
  });

  it("I32 waits for the one before it, so that a number answers one", async () => {
    await using rig = await setUpTurns();
    const choices: Promise<AgentChoice>[] = [];
    const both = (ports: AgentPorts): void => {
      for (const text of ["First?", "Second?"]) choices.push(ports.ask({ ...QUESTION, text }));
    };
    rig.agent.next([
      { run: both },
      { wait: eventually(() => choices.length === 2).then(() => Promise.all(choices)) },
      "ok",
    ]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    assert.equal((await asked(rig, session.id)).text, "First?");
    rig.runner.answered((await answer(rig, "1")).turnId);
    const second = await eventually(async () => {
      const open = await rig.store.reader.openQuestion(session.id);
      return open?.text === "Second?" ? open : null;
    });
    rig.runner.answered(second.turnId);
    await answer(rig, "2");
    rig.runner.answered(second.turnId);
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(await Promise.all(choices), [
      { outcome: "chosen", id: "yes" },
      { outcome: "chosen", id: "no" },
    ]);
  });

  it("I32 ends with the run: cancelled, it is withdrawn and the agent is told why", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([ASK, "never said"]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    const { id } = await asked(rig, session.id);
    await rig.runner.cancel(HERE);
    const run = await rig.agent.started(1);
    assert.equal(await run.ended, "aborted");
    await eventually(() => rig.outcomes()[0] === "cancelled");
    assert.equal((await rig.store.reader.question(id))?.state, "withdrawn");
  });

  it("I24 I32 is asked again by the next attempt when its node stops, which does not wait for an answer", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    const { id, turnId } = await asked(rig, session.id);
    assert.deepEqual(await rig.runner.stop({ drainMs: 60_000 }), { finished: 0, left: [turnId] });
    assert.equal((await rig.store.reader.question(id))?.state, "withdrawn");
    assert.deepEqual(await rig.states(session.id), ["running"]);
    assert.equal((await rig.store.reader.nextDue()).turn, rig.clock.now());
  });

  it("I22 that a holder of a lost lease asks is not asked, and its run ends", async () => {
    await using rig = await setUpTurns();
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await rig.agent.started(1);
    await rig.store.releaseNode("node-1");
    await rig.store.claimTurn({ node: "node-2", leaseMs: OPTIONS.leaseMs, maxMessages: 20, maxAgeMs: 0 });
    gate.resolve();
    await eventually(() => rig.outcomes()[0] === "lost");
    assert.equal(await rig.store.reader.openQuestion(session.id), null);
  });

  it("I24 is asked once when the store fails after it has written it", async () => {
    let failures = 1;
    const wrap = (store: Store): Store => ({
      ...store,
      askQuestion: async (lease, question) => {
        const outcome = await store.askQuestion(lease, question);
        if (failures-- > 0) throw new ParlorError("STORE_UNAVAILABLE", "It broke.", { retryable: true });
        return outcome;
      },
    });
    await using rig = await setUpTurns({ wrap, delivers: true });
    rig.agent.next([ASK]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await asked(rig, session.id);
    await passTime(rig.clock, 1_000, 500);
    rig.runner.answered((await answer(rig, "1")).turnId);
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual((await rig.transcript(session.id)).slice(2), ["notice: Chosen: Allow", "assistant: chose yes"]);
    assert.equal((await rig.store.reader.deliveries()).items.length, 2);
  });

  it("I29 that nobody could be shown fails the attempt, and says what is wrong with it", async () => {
    await using rig = await setUpTurns({ options: { maxAttempts: 1 } });
    rig.agent.next([{ ask: { text: "May I?", choices: [] }, say: said }]);
    rig.runner.start();
    await rig.say("Do it");
    await eventually(() => rig.outcomes()[0] === "dead");
    const [[ended] = []] = rig.telemetry.of("turnEnded");
    assert.match(ended?.reason ?? "", /2 to 10 choices; found 0/);
  });

  it("holds up nobody else: turns that wait for a person leave their place, up to as many again", async () => {
    await using rig = await setUpTurns({ options: { concurrency: 1 } });
    const gate = Promise.withResolvers<void>();
    rig.agent.next([ASK], [{ wait: gate.promise }, "ok"], ["third"]);
    rig.runner.start();
    const first = await rig.say("Do it");
    await asked(rig, first.session.id);
    await rig.say("hello", "bob");
    await rig.agent.started(2);
    await rig.say("hello", "cyd");
    await settle();
    assert.equal(rig.agent.runs.length, 2, "one runs, one waits for a person");
    gate.resolve();
    await rig.agent.started(3);
    rig.runner.answered((await answer(rig, "1")).turnId);
    await eventually(() => rig.outcomes().length === 3);
  });

  it("is void after its turn: nothing is asked, and nothing is kept", async () => {
    await using rig = await setUpTurns();
    let kept: AgentPorts | undefined;
    rig.agent.next([{ run: (ports) => (kept = ports) }, "ok"], ["ok"]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(await kept?.ask(QUESTION), { outcome: "unanswered" });
    await kept?.note("late");
    await kept?.summarize({ text: "late", throughSeq: 1 });
    assert.equal(await rig.store.reader.agentNote(session.id, "fake"), null);
    assert.equal((await rig.transcript(session.id)).length, 2);
  });

  it("that the agent does not wait for does not outlive its answer", async () => {
    await using rig = await setUpTurns();
    let choice: Promise<AgentChoice> | undefined;
    const askOnly = (ports: AgentPorts): void => void (choice = ports.ask(QUESTION));
    rig.agent.next([{ run: askOnly }, "ok"]);
    rig.runner.start();
    const { session } = await rig.say("Do it");
    await eventually(() => rig.outcomes()[0]);
    assert.deepEqual(await choice, { outcome: "unanswered" });
    assert.equal(await rig.store.reader.openQuestion(session.id), null);
  });
});
