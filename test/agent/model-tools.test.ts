import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentPart } from "../../src/agent/agent.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentTurn, partsOf, textOf } from "./agent-turn.ts";
import type { ToolboxEvent } from "./mcp-toolbox.ts";
import { calling, scene } from "./model-tools-scene.ts";

const none = () => ({ content: [] });

function metas(seen: readonly ToolboxEvent[]): readonly Record<string, unknown>[] {
  return seen.flatMap((event) =>
    typeof event === "object" && event.meta !== undefined ? [event.meta as Record<string, unknown>] : [],
  );
}

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: unknown; readonly tool_calls?: unknown }[];
  readonly tools?: readonly { readonly function?: { readonly name: string }; readonly name?: string }[];
}

interface ToolResult {
  readonly content: readonly { readonly type: string; readonly source?: { readonly media_type: string } }[];
}

function bodies(model: FakeModelServer): readonly Body[] {
  return model.requests.map(({ body }) => body as Body);
}

function toolsOf(parts: readonly AgentPart[]): readonly string[] {
  return parts.flatMap((part) => (part.type === "tool" ? [`${part.index} ${part.name} ${part.state}`] : []));
}

test("what a tool came to goes to the model, which answers; what it said before and after stands apart", async (t) => {
  const { agent, model } = await scene(t);
  model.next(
    { steps: [{ text: "Let me look. " }, calling("box_search", { word: "a cat" })] },
    { steps: [{ text: "\nIt is " }, { text: "a cat." }] },
  );
  const parts = await partsOf(agent, agentTurn("what is it?"));
  assert.equal(textOf(parts), "Let me look. \n\nIt is a cat.");
  assert.deepEqual(toolsOf(parts), ["0 box_search started", "0 box_search finished"]);
  assert.deepEqual(bodies(model)[1]?.messages.at(-1), {
    role: "tool",
    tool_call_id: "call_1",
    content: "Found a cat.",
  });
});

test("the usage is the sum of all steps, and the end is that of the last one", async (t) => {
  const { agent, model } = await scene(t);
  model.next(
    { steps: [calling("box_search")], usage: { inputTokens: 100, outputTokens: 10 } },
    { steps: [calling("box_search")], usage: { inputTokens: 200, outputTokens: 20 } },
    { steps: [{ text: "Yes" }], finishReason: "length", usage: { inputTokens: 300, outputTokens: 30 } },
  );
  const parts = await partsOf(agent, agentTurn("hello"));
  assert.deepEqual(parts.slice(-2), [
    { type: "usage", model: "small", inputTokens: 600, outputTokens: 60 },
    { type: "finish", reason: "length" },
  ]);
});

test("every call has its number in the turn, for people and for the tool, also when a model uses an id again (I23)", async (t) => {
  const { agent, model, seen } = await scene(t);
  model.next(
    { steps: [calling("box_search", {}, "call_1"), calling("box_search", {}, "call_2")] },
    { steps: [calling("box_search", {}, "call_1")] },
    { steps: [{ text: "Done." }] },
  );
  const parts = await partsOf(agent, agentTurn("hello"));
  const shown = parts.flatMap((part) => (part.type === "tool" && part.state === "started" ? [part.index] : []));
  assert.deepEqual(new Set(shown), new Set([0, 1, 2]));
  assert.deepEqual(new Set(metas(seen).map((meta) => meta["parlor/callIndex"])), new Set([0, 1, 2]));
  assert.deepEqual([...new Set(metas(seen).map((meta) => meta["parlor/turnId"]))], ["trn_1"]);
});

test("tools are offered in one order, under names that every provider takes", async (t) => {
  const { agent, model } = await scene(t);
  await partsOf(agent, agentTurn("hello"));
  await partsOf(agent, agentTurn("hello again"));
  const [first, second] = bodies(model);
  const names = first?.tools?.map((tool) => tool.function?.name);
  assert.deepEqual(names, ["box_exit", "box_fail", "box_grow", "box_hold", "box_long", "box_picture", "box_search"]);
  assert.equal(JSON.stringify(second?.tools), JSON.stringify(first?.tools));
});

test("a tool that says it failed, and one that does not exist, are shown as failed, and the model is told", async (t) => {
  const { agent, model } = await scene(t);
  model.next({ steps: [calling("box_fail"), calling("box_nothing")] }, { steps: [{ text: "Sorry." }] });
  const parts = await partsOf(agent, agentTurn("hello"));
  assert.deepEqual(
    toolsOf(parts)
      .filter((line) => line.endsWith("failed"))
      .toSorted(),
    ["0 box_fail failed", "1 box_nothing failed"],
  );
  const told = bodies(model)[1]?.messages.filter(({ role }) => role === "tool") ?? [];
  assert.match(String(told.map(({ content }) => content)), /No such city: wisteria\./);
  assert.match(String(told.map(({ content }) => content)), /unavailable tool 'box_nothing'/);
});

test("arguments that are no object are no call, and the model is told", async (t) => {
  const { agent, model, seen } = await scene(t);
  const given = ["[1]", '"a cat"', '{"word":'];
  model.next(
    { steps: given.map((each) => ({ toolCall: { name: "box_search", arguments: each } })) },
    { steps: [{ text: "Sorry." }] },
  );
  const parts = await partsOf(agent, agentTurn("hello"));
  assert.equal(toolsOf(parts).filter((line) => line.endsWith("failed")).length, 3);
  assert.deepEqual(seen, []);
  const told = bodies(model)[1]?.messages.filter(({ role }) => role === "tool") ?? [];
  assert.match(String(told[0]?.content), /The arguments must be a JSON object/);
  assert.equal(textOf(parts), "Sorry.");
});

test("a long result is cut, and says so", async (t) => {
  const { agent, model } = await scene(t);
  model.next({ steps: [calling("box_long")] }, { steps: [{ text: "Long." }] });
  await partsOf(agent, agentTurn("hello"));
  const content = String(bodies(model)[1]?.messages.at(-1)?.content);
  assert.equal(content, `${"x".repeat(50_000)}\n[10000 more characters were left out]`);
});

test("of a result a model with a short context sees a quarter of what it takes", async (t) => {
  const { agent, model } = await scene(t, { contextTokens: 8_000 });
  model.next({ steps: [calling("box_long")] }, { steps: [{ text: "Long." }] });
  await partsOf(agent, agentTurn("hello"));
  const content = String(bodies(model)[1]?.messages.at(-1)?.content);
  assert.equal(content, `${"x".repeat(8_000)}\n[52000 more characters were left out]`);
});

test("tools that take more to describe than the model can be told are a fault that says so, and nobody is asked", async (t) => {
  const { agent, model } = await scene(t, {
    list: (server) => {
      for (let at = 0; at < 10_000; at += 1) server.registerTool(`tool${at}`, { description: "Does something." }, none);
    },
  });
  await assert.rejects(partsOf(agent, agentTurn("hello")), {
    name: "AgentError",
    message: /^The tools of the model "small" take about \d+ tokens to describe, .* agent\.tools/,
    retryable: false,
    fault: "refused",
  });
  assert.equal(model.requests.length, 0);
});

test("an image that a tool gives is named where the API takes none, and handed on where it takes them", async (t) => {
  const named = await scene(t);
  named.model.next({ steps: [calling("box_picture")] }, { steps: [{ text: "A dot." }] });
  await partsOf(named.agent, agentTurn("hello"));
  assert.equal(bodies(named.model)[1]?.messages.at(-1)?.content, "A dot:\n[image/png, 70 bytes, not shown]");

  const shown = await scene(t, { api: "anthropic" });
  shown.model.next({ steps: [calling("box_picture")] }, { steps: [{ text: "A dot." }] });
  await partsOf(shown.agent, agentTurn("hello"));
  const answer = bodies(shown.model)[1]?.messages.at(-1)?.content as readonly ToolResult[] | undefined;
  assert.deepEqual(
    answer?.[0]?.content.map(({ type, source }) => [type, source?.media_type]),
    [
      ["text", undefined],
      ["image", "image/png"],
    ],
  );
});

test("a model that calls tools to the last step gives no answer, and that is a fault that says so", async (t) => {
  const { agent, model } = await scene(t, { maxSteps: 2 });
  model.next({ steps: [{ text: "Wait." }, calling("box_search")] }, { steps: [calling("box_search")] });
  await assert.rejects(partsOf(agent, agentTurn("hello")), {
    name: "AgentError",
    message: /^The model "small" was asked 2 times, called tools each time .* agent\.maxSteps/,
    retryable: false,
  });
  assert.equal(model.requests.length, 2);
});

test("without its server there is no answer: a model without its tools would give a wrong one", async (t) => {
  const { agent, model, box } = await scene(t);
  await box[Symbol.asyncDispose]();
  await assert.rejects(partsOf(agent, agentTurn("hello")), {
    name: "AgentError",
    message: 'The MCP server "box" cannot be used (connection refused).',
    retryable: true,
  });
  assert.equal(model.requests.length, 0);
});

test("a call that takes too long is cancelled, and the model is told; its silence is not counted meanwhile", async (t) => {
  const clock = createManualClock(0);
  const { agent, model, seen } = await scene(t, { clock, toolTimeoutMs: 5_000, idleTimeoutMs: 1_000 });
  model.next({ steps: [calling("box_hold")] }, { steps: [{ text: "It hangs." }] });
  const run = partsOf(agent, agentTurn("hello"));
  while (seen.length === 0) await new Promise(setImmediate);
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  clock.advance(4_999);
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  clock.advance(1);
  const parts = await run;
  assert.equal(textOf(parts), "It hangs.");
  assert.deepEqual(toolsOf(parts), ["0 box_hold started", "0 box_hold failed"]);
  assert.match(String(bodies(model)[1]?.messages.at(-1)?.content), /no answer within 5000 ms\)\. It may have done/);
  while (!seen.includes("cancelled")) await new Promise(setImmediate);
  assert.equal(seen.includes("effect"), false);
});

test("an abort while a tool works reaches the tool, which has no later effect, and throws the reason", async (t) => {
  const { agent, model, seen, release } = await scene(t);
  model.next({ steps: [{ text: "one" }, calling("box_hold")] });
  const controller = new AbortController();
  const said: AgentPart[] = [];
  const run = (async () => {
    for await (const part of agent.run(agentTurn("hello"), controller.signal, NO_PORTS)) said.push(part);
  })();
  while (seen.length === 0) await new Promise(setImmediate);
  controller.abort(new Error("stop"));
  await assert.rejects(run, /stop/);
  while (!seen.includes("cancelled")) await new Promise(setImmediate);
  release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  assert.equal(seen.includes("effect"), false);
  assert.equal(model.requests.length, 1);
});

test("what a tool says is in no fault", async (t) => {
  const { agent, model } = await scene(t);
  model.next({ steps: [calling("box_fail")] }, { status: 500, body: { error: { message: "wisteria" } } });
  const error = await partsOf(agent, agentTurn("hello")).then(
    () => assert.fail("it must fail"),
    (thrown: unknown) => thrown as Error,
  );
  assert.ok(!`${error.message} ${String(error.cause)} ${error.stack}`.includes("wisteria"));
});
