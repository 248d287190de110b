import { NO_PORTS } from "../../src/agent/no-ports.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Agent, AgentPart, AgentTurn } from "../../src/agent/agent.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { runAgent } from "../../src/turn/answer.ts";

const TURN: AgentTurn = {
  turnId: "trn_1",
  attempt: 1,
  sessionId: "ses_1",
  source: sourceOf(),
  reset: null,
  instructions: null,
  summary: null,
  note: null,
  transcript: [],
  messages: [],
};

function saying(...parts: AgentPart[]): Agent {
  return {
    name: "scripted",
    async *run() {
      yield* parts;
    },
  };
}

const run = (agent: Agent, signal = new AbortController().signal) => runAgent(agent, TURN, NO_PORTS, signal, () => {});

describe("runAgent", () => {
  it("takes an answer for whole only when the agent says so", async () => {
    const text: AgentPart = { type: "text", text: "Half an ans" };
    await assert.rejects(run(saying(text)), { name: "AgentError", retryable: true, message: /broke off/ });
    assert.deepEqual(await run(saying(text, { type: "finish", reason: "length" })), { text: "Half an ans" });
  });

  it("tries again what came to nothing, unless a filter withheld it", async () => {
    const blank: AgentPart = { type: "text", text: " \u200b\n" };
    for (const [reason, retryable] of [
      ["done", true],
      ["length", true],
      ["filtered", false],
    ] as const) {
      await assert.rejects(run(saying(blank, { type: "finish", reason })), { name: "AgentError", retryable });
    }
  });

  it("keeps the answer when what it cost cannot be counted", async () => {
    const usage = (inputTokens: number, outputTokens: number): AgentPart => ({
      type: "usage",
      model: "m",
      inputTokens,
      outputTokens,
    });
    const said = [{ type: "text", text: "Hello." }, usage(Number.NaN, 2.4), usage(1e17, -3), usage(7, 1)] as const;
    const answer = await run(saying(...said, { type: "finish", reason: "done" }));
    assert.deepEqual(answer, { text: "Hello.", usage: { model: "m", inputTokens: 7, outputTokens: 3 } });
  });

  it("closes the agent's stream when it leaves early", async () => {
    const closed = Promise.withResolvers<void>();
    const stop = new AbortController();
    const agent: Agent = {
      name: "talkative",
      async *run() {
        try {
          for (;;) {
            stop.abort(new Error("enough"));
            yield { type: "text", text: "blah " };
          }
        } finally {
          closed.resolve();
        }
      },
    };
    await assert.rejects(run(agent, stop.signal), /enough/);
    await closed.promise;
  });
});
