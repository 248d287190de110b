import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { createSpans, type Spans } from "../../src/telemetry/spans.ts";
import { one, recordSpans } from "./recorded-spans.ts";

const turn = { turnId: "trn_1", sessionId: "ses_1", platform: "demo", attempt: 1, agent: "sage" };
const delivery = { deliveryId: "dlv_1", sessionId: "ses_1", turnId: "trn_1", platform: "demo", attempt: 1 };
const started = { ...turn, model: "m-large", seqs: [1] };

/** Takes in the message with this number. */
function accept(spans: Spans, seq: number): Promise<string> {
  return spans.accept(
    "demo",
    () => Promise.resolve("value"),
    () => ({ outcome: "accepted", sessionId: "ses_1", seq }),
  );
}

test("a message, its turn, the tools of that and the delivery of the reply are one trace", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  assert.equal(await accept(spans, 1), "value");
  spans.turnStarted(started);
  await spans.withinTurn(turn, () => {
    trace.getTracer("a program").startSpan("GET").end();
    return Promise.resolve();
  });
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "started" });
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "finished" });
  spans.tokensUsed({ ...turn, model: "m-large-1", inputTokens: 10, outputTokens: 2 });
  spans.tokensUsed({ ...turn, model: "m-large-1", inputTokens: 5, outputTokens: 1 });
  spans.turnEnded({ ...turn, outcome: "done", ranMs: 5 });
  await spans.withinDelivery(delivery, () => {
    spans.deliverySettled({ ...delivery, state: "sent" });
    return Promise.resolve();
  });

  const [accepted, agent] = [one(recorded.named("parlor.accept")), one(recorded.named("invoke_agent sage"))];
  const [tool, sent] = [one(recorded.named("execute_tool search")), one(recorded.named("parlor.deliver"))];
  assert.equal(new Set(recorded.all().map((span) => span.spanContext().traceId)).size, 1);
  assert.equal(agent.parentSpanContext?.spanId, accepted.spanContext().spanId);
  for (const child of [tool, sent, one(recorded.named("GET"))]) {
    assert.equal(child.parentSpanContext?.spanId, agent.spanContext().spanId, child.name);
  }
  assert.deepEqual(
    [accepted, agent, tool, sent].map(({ kind }) => kind),
    [SpanKind.CONSUMER, SpanKind.INTERNAL, SpanKind.INTERNAL, SpanKind.PRODUCER],
  );
  assert.deepEqual(agent.attributes, {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "sage",
    "gen_ai.conversation.id": "ses_1",
    "gen_ai.request.model": "m-large",
    "gen_ai.response.model": "m-large-1",
    "gen_ai.usage.input_tokens": 15,
    "gen_ai.usage.output_tokens": 3,
    "parlor.turn.id": "trn_1",
    "parlor.turn.attempt": 1,
    "parlor.turn.messages": 1,
    "parlor.platform": "demo",
    "parlor.outcome": "done",
  });
  assert.deepEqual(tool.attributes, {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.id": "trn_1/0",
  });
  assert.deepEqual(sent.attributes, {
    "messaging.system": "demo",
    "messaging.operation.type": "send",
    "messaging.operation.name": "deliver",
    "gen_ai.conversation.id": "ses_1",
    "parlor.delivery.id": "dlv_1",
    "parlor.delivery.attempt": 1,
    "parlor.turn.id": "trn_1",
    "parlor.outcome": "sent",
  });
  assert.ok(recorded.all().every(({ status }) => status.code !== SpanStatusCode.ERROR));
});

test("a turn of several messages goes on from the first and points to the others, a later attempt to the earlier", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  await accept(spans, 1);
  await accept(spans, 2);
  spans.turnStarted({ ...started, seqs: [1, 2] });
  spans.turnEnded({ ...turn, outcome: "retrying", ranMs: 1, fault: "quota" });
  spans.turnStarted({ ...started, attempt: 2, seqs: [1, 2] });
  spans.turnEnded({ ...turn, attempt: 2, outcome: "done", ranMs: 1 });

  const [first, second] = recorded.named("parlor.accept").map((span) => span.spanContext());
  const [failed, done] = recorded.named("invoke_agent sage");
  assert.ok(failed !== undefined && done !== undefined);
  for (const attempt of [failed, done]) assert.equal(attempt.parentSpanContext?.spanId, first?.spanId);
  assert.deepEqual(
    done.links.map((link) => link.context.spanId),
    [second?.spanId, failed.spanContext().spanId],
  );
  assert.deepEqual([failed.attributes["error.type"], failed.status.code], ["quota", SpanStatusCode.ERROR]);
  assert.equal(done.status.code, SpanStatusCode.UNSET);
});

test("a turn that begins before its message is known to be accepted points to it", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  spans.turnStarted(started);
  await accept(spans, 1);
  spans.turnEnded({ ...turn, outcome: "done", ranMs: 1 });
  await accept(spans, 1);
  const [accepted] = recorded.named("parlor.accept").map((span) => span.spanContext());
  const agent = one(recorded.named("invoke_agent sage"));
  assert.equal(agent.parentSpanContext, undefined);
  assert.deepEqual(
    agent.links.map((link) => link.context.spanId),
    [accepted?.spanId],
  );
});

test("what goes wrong is a word, never a message", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  const thrown = new RangeError("canary");
  await assert.rejects(
    spans.accept(
      "demo",
      () => Promise.reject(thrown),
      () => ({ outcome: "accepted" }),
    ),
    thrown,
  );
  spans.turnStarted(started);
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "started" });
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "failed" });
  spans.toolCalled({ ...turn, index: 1, name: "left", state: "started" });
  spans.turnEnded({ ...turn, outcome: "dead", ranMs: 1, reason: "canary", fault: "refused" });
  await spans.withinDelivery(delivery, () => Promise.resolve(spans.deliverySettled({ ...delivery, state: "unknown" })));
  assert.deepEqual(
    recorded.all().map(({ name, attributes }) => [name, attributes["error.type"]]),
    [
      ["parlor.accept", "RangeError"],
      ["execute_tool search", "tool_failed"],
      ["execute_tool left", undefined],
      ["invoke_agent sage", "refused"],
      ["parlor.deliver", "unknown"],
    ],
  );
  const told = recorded.all().map(({ attributes, status, events }) => [attributes, status, events]);
  assert.ok(!JSON.stringify(told).includes("canary"));
});

test("a tool is called by its name only where that has the form of one: a title may quote what was said", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  spans.turnStarted(started);
  for (const [index, name] of ["web_search", "grep canary", "canary.txt", "c".repeat(65)].entries()) {
    spans.toolCalled({ ...turn, index, name, state: "started" });
    spans.toolCalled({ ...turn, index, name, state: "finished" });
  }
  spans.turnEnded({ ...turn, outcome: "done", ranMs: 1 });
  assert.deepEqual(
    recorded.all().map(({ name, attributes }) => [name, attributes["gen_ai.tool.name"]]),
    [
      ["execute_tool web_search", "web_search"],
      ["execute_tool", undefined],
      ["execute_tool", undefined],
      ["execute_tool", undefined],
      ["invoke_agent sage", undefined],
    ],
  );
});

test("a call that is said to begin twice is one span", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  spans.turnStarted(started);
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "started" });
  spans.toolCalled({ ...turn, index: 0, name: "again", state: "started" });
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "finished" });
  spans.turnEnded({ ...turn, outcome: "done", ranMs: 1 });
  assert.deepEqual(
    recorded.all().map(({ name }) => name),
    ["execute_tool search", "invoke_agent sage"],
  );
});

test("a turn whose message was accepted elsewhere begins a trace of its own, whoever woke the runner", async () => {
  using recorded = recordSpans();
  const spans = createSpans();
  await trace.getTracer("a program").startActiveSpan("POST", async (span) => {
    spans.turnStarted(started);
    await spans.withinTurn(turn, () => Promise.resolve());
    spans.turnEnded({ ...turn, outcome: "cancelled", ranMs: 1 });
    await spans.withinDelivery({ ...delivery, turnId: null }, () => Promise.resolve());
    span.end();
  });
  assert.equal(one(recorded.named("invoke_agent sage")).parentSpanContext, undefined);
  assert.equal(one(recorded.named("parlor.deliver")).parentSpanContext, undefined);
  assert.equal(new Set(recorded.all().map((span) => span.spanContext().traceId)).size, 3);
});

test("without a provider everything runs as it would, and nothing is remembered", async () => {
  const spans = createSpans();
  assert.equal(await accept(spans, 1), "value");
  spans.turnStarted(started);
  spans.toolCalled({ ...turn, index: 0, name: "search", state: "started" });
  assert.equal(await spans.withinTurn(turn, () => Promise.resolve(7)), 7);
  spans.turnEnded({ ...turn, outcome: "done", ranMs: 1 });
  assert.equal(await spans.withinDelivery(delivery, () => Promise.resolve(8)), 8);
  // A provider that comes later finds no trace that could be gone on with.
  using recorded = recordSpans();
  spans.turnStarted({ ...started, attempt: 2 });
  spans.turnEnded({ ...turn, attempt: 2, outcome: "done", ranMs: 1 });
  const span = one(recorded.named("invoke_agent sage"));
  assert.deepEqual([span.parentSpanContext, span.links], [undefined, []]);
});
