import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentError, type AgentPart, type AgentPorts } from "../../src/agent/agent.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { agentTurn, partsOf, textOf } from "../agent/agent-turn.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

test("a fake agent follows its scripts in order, then its default", async () => {
  const agent = createFakeAgent({ script: (turn) => [turn.messages[0]?.text ?? ""] });
  agent.next(["one", { type: "reasoning" }, "two"], [{ type: "finish", reason: "length" }]);
  assert.deepEqual(await partsOf(agent, agentTurn("hi")), [
    { type: "text", text: "one" },
    { type: "reasoning" },
    { type: "text", text: "two" },
    { type: "finish", reason: "done" },
  ]);
  assert.deepEqual(await partsOf(agent, agentTurn("hi")), [{ type: "finish", reason: "length" }]);
  assert.deepEqual((await partsOf(agent, agentTurn("hi")))[0], { type: "text", text: "hi" });
  assert.equal(agent.runs.length, 3);
});

test("a fake agent throws what its script says", async () => {
  const agent = createFakeAgent();
  const error = new AgentError("down", { retryable: true });
  agent.next(["one", { fail: error }]);
  await assert.rejects(partsOf(agent, agentTurn("hi")), error);
  assert.equal(await agent.runs[0]?.ended, "failed");
});

test("a hanging fake agent stops when it is aborted, and says which run it is", async () => {
  const agent = createFakeAgent();
  agent.next([HANG]);
  const controller = new AbortController();
  const parts = partsOf(agent, agentTurn("hi"), controller.signal);
  const run = await agent.started(1);
  assert.equal(run.turn.messages[0]?.text, "hi");
  controller.abort(new Error("stop"));
  await assert.rejects(parts, /stop/);
  assert.equal(await run.ended, "aborted");
});

test("a fake agent notices that nobody reads on", async () => {
  const agent = createFakeAgent();
  const started = agent.started(1);
  for await (const part of agent.run(agentTurn("hi"), new AbortController().signal, NO_PORTS)) {
    assert.equal(part.type, "text");
    break;
  }
  assert.equal(await (await started).ended, "left");
});

test("a fake agent asks whoever it is told to ask, and says what it makes of the choice", async () => {
  const question = {
    text: "Tea?",
    choices: [
      { id: "y", label: "Yes" },
      { id: "n", label: "No" },
    ],
  } as const;
  const agent = createFakeAgent({
    script: () => [
      { ask: question, say: (choice) => (choice.outcome === "chosen" ? `You chose ${choice.id}.` : "Nobody.") },
    ],
  });
  assert.equal(textOf(await partsOf(agent, agentTurn("hi"))), "Nobody.");
  const ports: AgentPorts = {
    ...NO_PORTS,
    ask: ({ choices }) => Promise.resolve({ outcome: "chosen", id: choices[1]?.id ?? "" }),
  };
  const parts: AgentPart[] = [];
  for await (const part of agent.run(agentTurn("hi"), new AbortController().signal, ports)) parts.push(part);
  assert.equal(textOf(parts), "You chose n.");
});
