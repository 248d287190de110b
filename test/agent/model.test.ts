import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AgentError, type AgentPart } from "../../src/agent/agent.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentEntry, agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

let server: FakeModelServer;

before(async () => {
  server = await openFakeOpenAI();
});
after(() => server[Symbol.asyncDispose]());

function modelAgent(options: Partial<ModelAgentOptions> = {}): ReturnType<typeof createModelAgent> {
  return createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
    ...options,
  });
}

function typeOf(next: IteratorResult<AgentPart, undefined>): string | undefined {
  return next.value?.type;
}

function lastBody(): { readonly messages: readonly { readonly role: string; readonly content: string }[] } {
  return server.requests.at(-1)?.body as ReturnType<typeof lastBody>;
}

test("the answer is streamed in order, then its usage, then its end", async () => {
  server.next({ steps: [{ text: "Good " }, { text: "mor" }, { text: "ning" }] });
  assert.deepEqual(await partsOf(modelAgent(), agentTurn("hello")), [
    { type: "text", text: "Good " },
    { type: "text", text: "mor" },
    { type: "text", text: "ning" },
    { type: "usage", model: "small", inputTokens: 11, outputTokens: 7 },
    { type: "finish", reason: "done" },
  ]);
});

test("a piece of the answer is handed on before the next one exists", async () => {
  const more = Promise.withResolvers<void>();
  server.next({ steps: [{ text: "one" }, { wait: more.promise }, { text: "two" }] });
  const said: string[] = [];
  for await (const part of modelAgent().run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
    if (part.type === "text") said.push(part.text);
    more.resolve();
  }
  assert.deepEqual(said, ["one", "two"]);
});

test("the model is sent the system prompt, what was said before, and what it is to answer", async () => {
  const turn = {
    ...agentTurn("and now?"),
    transcript: [agentEntry({ text: "hello" }), agentEntry({ role: "assistant", text: "hi", sender: null })],
  };
  await partsOf(modelAgent({ systemPrompt: "Be brief." }), turn);
  assert.deepEqual(lastBody().messages, [
    { role: "system", content: "Be brief." },
    { role: "user", content: "hello" },
    { role: "assistant", content: "hi" },
    { role: "user", content: "and now?" },
  ]);
});

test("without a system prompt none is sent, so that the server's own stays in force", async () => {
  await partsOf(modelAgent(), agentTurn("hello"));
  assert.deepEqual(lastBody().messages, [{ role: "user", content: "hello" }]);
});

test("no key is sent where there is none", async () => {
  await partsOf(modelAgent(), agentTurn("hello"));
  assert.equal(server.requests.at(-1)?.headers["authorization"], undefined);
});

test("a key is sent as a bearer token", async () => {
  const endpoint = { api: "openai-compatible", baseUrl: server.baseUrl, apiKey: "sk-test" } as const;
  await partsOf(modelAgent({ endpoint }), agentTurn("hello"));
  assert.equal(server.requests.at(-1)?.headers["authorization"], "Bearer sk-test");
});

test("an attachment is mentioned, and nobody fetches it", async () => {
  const attachments = [{ url: `${server.baseUrl}/secret.png`, name: "cat.png", mediaType: "image/png" }];
  const asked = server.requests.length;
  await partsOf(modelAgent(), agentTurn({ text: "what is this?", attachments }));
  assert.equal(
    lastBody().messages[0]?.content,
    `what is this?\nAttachment: "cat.png" "${server.baseUrl}/secret.png" ("image/png")`,
  );
  assert.equal(server.requests.length, asked + 1);
});

test("reasoning in a field of its own is never text", async () => {
  server.next({ steps: [{ reasoning: "SECRET" }, { reasoning: " thought" }, { text: "Yes." }] });
  const parts = await partsOf(modelAgent(), agentTurn("hello"));
  assert.deepEqual(
    parts.map((part) => part.type),
    ["reasoning", "reasoning", "text", "usage", "finish"],
  );
  assert.equal(JSON.stringify(parts).includes("SECRET"), false);
  assert.equal(textOf(parts), "Yes.");
});

test("reasoning between <think> tags is never text, however the tags are cut", async () => {
  server.next({ steps: ["<th", "ink>SEC", "RET", "</thi", "nk>\n\n", "Yes", " and no."].map((text) => ({ text })) });
  const parts = await partsOf(modelAgent(), agentTurn("hello"));
  assert.equal(textOf(parts), "Yes and no.");
  assert.equal(
    parts.some((part) => part.type === "reasoning"),
    true,
  );
});

test("reasoning that begins without a tag is never text when the model is known for it", async () => {
  server.next({ steps: [{ text: "SECRET" }, { text: "</think>Yes." }] });
  assert.equal(textOf(await partsOf(modelAgent({ startsWithReasoning: true }), agentTurn("hello"))), "Yes.");
});

test("an answer that is nothing but thought is a fault worth another attempt", async () => {
  server.next({ steps: [{ text: "<think>SECRET" }], finishReason: "length" });
  await assert.rejects(partsOf(modelAgent(), agentTurn("hello")), {
    name: "AgentError",
    message: 'The model "small" used up its tokens before it said a word.',
    retryable: true,
  });
});

test("an empty answer is a fault worth another attempt", async () => {
  server.next({ steps: [{ text: " \n" }] });
  await assert.rejects(partsOf(modelAgent(), agentTurn("hello")), {
    message: 'The model "small" answered without a word.',
    retryable: true,
  });
});

test("an answer that was cut at its longest, or filtered, says so", async () => {
  server.next(
    { steps: [{ text: "a" }], finishReason: "length" },
    { steps: [{ text: "a" }], finishReason: "content_filter" },
  );
  assert.deepEqual((await partsOf(modelAgent(), agentTurn("hello"))).at(-1), { type: "finish", reason: "length" });
  assert.deepEqual((await partsOf(modelAgent(), agentTurn("hello"))).at(-1), { type: "finish", reason: "filtered" });
});

test("an endpoint that reports no usage has none", async () => {
  server.next({ steps: [{ text: "a" }], usage: null });
  const parts = await partsOf(modelAgent(), agentTurn("hello"));
  assert.deepEqual(parts, [
    { type: "text", text: "a" },
    { type: "finish", reason: "done" },
  ]);
});

test("a call of a tool that does not exist is shown as failed", async () => {
  server.next({ steps: [{ text: "Let me look." }, { toolCall: { name: "search", arguments: "{}" } }] });
  const tools = (await partsOf(modelAgent(), agentTurn("hello"))).filter((part) => part.type === "tool");
  assert.deepEqual(tools, [
    { type: "tool", index: 0, name: "search", state: "started" },
    { type: "tool", index: 0, name: "search", state: "failed" },
  ]);
});

test("an abort in the middle closes the connection, says nothing more and throws the reason", async () => {
  server.next({ steps: [{ text: "one" }, { text: "two" }, "hang"] });
  const controller = new AbortController();
  const reason = new Error("stop");
  const said: AgentPart[] = [];
  await assert.rejects(async () => {
    for await (const part of modelAgent().run(agentTurn("hello"), controller.signal, NO_PORTS)) {
      said.push(part);
      controller.abort(reason);
    }
  }, reason);
  assert.deepEqual(said, [{ type: "text", text: "one" }]);
  assert.equal(await server.requests.at(-1)?.closed, "early");
});

test("an abort while the endpoint has not answered closes the connection too", async () => {
  const asked = server.requests.length;
  server.next("hang");
  const controller = new AbortController();
  const parts = partsOf(modelAgent(), agentTurn("hello"), controller.signal);
  while (server.requests.length === asked) await new Promise(setImmediate);
  controller.abort(new Error("stop"));
  await assert.rejects(parts, /stop/);
  assert.equal(await server.requests.at(-1)?.closed, "early");
});

test("a run that is aborted before it begins asks nobody", async () => {
  const asked = server.requests.length;
  await assert.rejects(partsOf(modelAgent(), agentTurn("hello"), AbortSignal.abort(new Error("stop"))), /stop/);
  assert.equal(server.requests.length, asked);
});

test("the connection is closed when nobody reads on", async () => {
  server.next({ steps: [{ text: "one" }, "hang"] });
  for await (const part of modelAgent().run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
    assert.equal(part.type, "text");
    break;
  }
  assert.equal(await server.requests.at(-1)?.closed, "early");
});

test("silence before the first token ends the attempt", async () => {
  const clock = createManualClock(0);
  const asked = server.requests.length;
  server.next("hang");
  const parts = partsOf(modelAgent({ clock, idleTimeoutMs: 5_000 }), agentTurn("hello"));
  while (server.requests.length === asked) await new Promise(setImmediate);
  clock.advance(5_000);
  await assert.rejects(parts, {
    name: "AgentError",
    message: `${server.baseUrl} sent nothing for 5000 ms. If the model needs longer, raise the time-out.`,
    retryable: true,
  });
  assert.equal(await server.requests.at(-1)?.closed, "early");
});

test("a token ends the silence, be it of text or of reasoning", async () => {
  const clock = createManualClock(0);
  const more = Promise.withResolvers<void>();
  server.next({ steps: [{ reasoning: "a" }, { wait: more.promise }, { text: "b" }, "hang"] });
  const run = modelAgent({ clock, idleTimeoutMs: 5_000 }).run(
    agentTurn("hello"),
    new AbortController().signal,
    NO_PORTS,
  );
  const parts = run[Symbol.asyncIterator]();
  assert.equal(typeOf(await parts.next()), "reasoning");
  const text = parts.next();
  clock.advance(4_999);
  more.resolve();
  assert.equal(typeOf(await text), "text");
  const never = parts.next();
  clock.advance(4_999);
  clock.advance(1);
  await assert.rejects(never, /sent nothing for 5000 ms/);
});

test("the time a listener takes is not the model's silence", async () => {
  const clock = createManualClock(0);
  server.next({ steps: [{ text: "one" }, { text: "two" }] });
  const said: AgentPart[] = [];
  for await (const part of modelAgent({ clock, idleTimeoutMs: 5_000 }).run(
    agentTurn("hello"),
    new AbortController().signal,
    NO_PORTS,
  )) {
    said.push(part);
    clock.advance(60_000);
  }
  assert.equal(textOf(said), "onetwo");
});

test("an answer that takes too long in all ends the attempt", async () => {
  const clock = createManualClock(0);
  server.next({ steps: [{ text: "one" }, "hang"] });
  const agent = modelAgent({ clock, totalTimeoutMs: 10_000 });
  await assert.rejects(async () => {
    for await (const part of agent.run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
      assert.equal(part.type, "text");
      clock.advance(10_000);
    }
  }, /had not finished after 10000 ms/);
});

test("nothing is printed and no warning is raised, whatever goes wrong", async (t) => {
  const printed: unknown[] = [];
  for (const method of ["log", "info", "warn", "error", "debug"] as const) {
    t.mock.method(console, method, (...words: unknown[]) => void printed.push(words));
  }
  const warn = (warning: Error): void => void printed.push(warning.message);
  process.on("warning", warn);
  t.after(() => process.off("warning", warn));
  server.next({ status: 500, body: {} }, { steps: [{ text: "a" }, "cut"] }, { steps: [{ error: { message: "no" } }] });
  for (let run = 0; run < 3; run += 1) await assert.rejects(partsOf(modelAgent(), agentTurn("hello")), AgentError);
  await new Promise(setImmediate);
  assert.deepEqual(printed, []);
});
