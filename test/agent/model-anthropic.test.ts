import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeAnthropic } from "../../src/testing/fake-anthropic.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

const KEY = "sk-ant-test";

let server: FakeModelServer;

before(async () => {
  server = await openFakeAnthropic({ apiKey: KEY, models: ["claude-small", "claude-new"] });
});
after(() => server[Symbol.asyncDispose]());

function anthropicAgent(options: Partial<ModelAgentOptions> = {}): ReturnType<typeof createModelAgent> {
  return createModelAgent({
    endpoint: { api: "anthropic", apiKey: KEY, baseUrl: server.baseUrl },
    model: "claude-small",
    ...options,
  });
}

test("the answer is streamed in order, then its usage, then its end; thought is never text", async () => {
  server.next({ steps: [{ reasoning: "SECRET" }, { text: "Good " }, { text: "morning" }] });
  assert.deepEqual(await partsOf(anthropicAgent({ systemPrompt: "Be brief." }), agentTurn("hello")), [
    { type: "reasoning" },
    { type: "text", text: "Good " },
    { type: "text", text: "morning" },
    { type: "usage", model: "claude-small", inputTokens: 11, outputTokens: 7 },
    { type: "finish", reason: "done" },
  ]);
  const request = server.requests.at(-1);
  assert.equal(request?.headers["x-api-key"], KEY);
  const body = request.body as { readonly system: unknown; readonly messages: unknown };
  const kept = { cache_control: { type: "ephemeral" } };
  assert.deepEqual(body.system, [{ type: "text", text: "Be brief.", ...kept }]);
  assert.deepEqual(body.messages, [{ role: "user", content: [{ type: "text", text: "hello", ...kept }] }]);
});

test("a model the SDK does not know raises no warning", async (t) => {
  const warnings: string[] = [];
  const warn = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", warn);
  t.after(() => process.off("warning", warn));
  assert.equal(textOf(await partsOf(anthropicAgent({ model: "claude-new" }), agentTurn("hello"))), "Hello.");
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});

test("an unknown model is answered with the models there are", async () => {
  await assert.rejects(partsOf(anthropicAgent({ model: "claude-9" }), agentTurn("hello")), {
    message:
      `${server.baseUrl} has no model "claude-9" (404, not_found_error); it has claude-small, claude-new. ` +
      "Set PARLOR_MODEL to one of them.",
    retryable: false,
  });
});

test("a key that is not accepted is not shown, and the variable that holds it is named", async () => {
  const endpoint = { api: "anthropic", apiKey: "sk-ant-wrong", baseUrl: server.baseUrl } as const;
  await assert.rejects(partsOf(anthropicAgent({ endpoint }), agentTurn("hello")), {
    message:
      `${server.baseUrl} did not accept the API key (401, authentication_error). ` +
      "Set ANTHROPIC_API_KEY to one that may use it.",
    retryable: false,
  });
});

test("an overloaded endpoint is worth another attempt, before the answer and in the middle of it", async () => {
  const error = { type: "overloaded_error", message: "Overloaded" };
  server.next(
    { status: 529, body: { type: "error", error } },
    { steps: [{ error }] },
    { steps: [{ text: "a" }, { error }] },
  );
  for (let run = 0; run < 3; run += 1) {
    await assert.rejects(partsOf(anthropicAgent(), agentTurn("hello")), {
      message: `${server.baseUrl} failed (529, overloaded_error).`,
      retryable: true,
    });
  }
});

test("a conversation that is too long is not repeated", async () => {
  const error = { type: "invalid_request_error", message: "prompt is too long: 201000 tokens > 200000 maximum" };
  server.next({ status: 400, body: { type: "error", error } });
  await assert.rejects(partsOf(anthropicAgent(), agentTurn("hello")), {
    message:
      'The conversation is too long for the model "claude-small" (400, invalid_request_error). ' +
      "Set agent.contextTokens to what it takes, say it in parts, or use a model with a longer context.",
    fault: "context",
    retryable: false,
  });
});

test("an answer that breaks off is worth another attempt", async () => {
  server.next({ steps: [{ text: "one" }, { delayMs: 5 }, "cut"] });
  await assert.rejects(partsOf(anthropicAgent(), agentTurn("hello")), {
    message: `The answer from ${server.baseUrl} ended before it was complete.`,
    retryable: true,
  });
});

test("a ping does not end the model's silence", async () => {
  const clock = createManualClock(0);
  const ping = { raw: 'event: ping\ndata: {"type":"ping"}\n\n' };
  const gate = Promise.withResolvers<void>();
  const pinged = Promise.withResolvers<void>();
  const hang = {
    get wait() {
      return (pinged.resolve(), new Promise(() => {}));
    },
  };
  server.next({ steps: [{ text: "one" }, { wait: gate.promise }, ping, hang] });
  const run = anthropicAgent({ clock, idleTimeoutMs: 5_000 }).run(
    agentTurn("hello"),
    new AbortController().signal,
    NO_PORTS,
  );
  const parts = run[Symbol.asyncIterator]();
  await parts.next();
  const never = parts.next();
  clock.advance(4_999);
  gate.resolve();
  await pinged.promise;
  for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
  clock.advance(1);
  await assert.rejects(never, /sent nothing for 5000 ms/);
});

test("an abort in the middle closes the connection", async () => {
  server.next({ steps: [{ text: "one" }, "hang"] });
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const part of anthropicAgent().run(agentTurn("hello"), controller.signal, NO_PORTS)) {
      assert.equal(part.type, "text");
      controller.abort(new Error("stop"));
    }
  }, /stop/);
  assert.equal(await server.requests.at(-1)?.closed, "early");
});
