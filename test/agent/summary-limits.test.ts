/** How long what is asked for a summary may be, and what becomes of one that is cut, withheld or too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentError, type AgentPorts, type AgentTurn } from "../../src/agent/agent.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import { estimateText } from "../../src/agent/token-estimate.ts";
import type { FakeModelAnswer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { playTurn, rounds, turnAfter, type Asked, type Played } from "./compaction-setup.ts";

/** So many tokens of words. */
function words(tokens: number): string {
  return "word ".repeat(Math.floor((tokens * 4) / 5)).trimEnd();
}

/** What a request takes of the context, with the answer that it allows. */
function tokensOf({ system, words: said, maxTokens = 0 }: Asked): number {
  return estimateText(system) + estimateText(said) + maxTokens;
}

/** Plays one turn against an endpoint that gives every question this answer. */
async function play(
  turn: AgentTurn,
  answer: FakeModelAnswer | ((question: unknown) => FakeModelAnswer),
  options: Partial<ModelAgentOptions> = {},
): Promise<Played> {
  await using server = await openFakeOpenAI({ answer });
  return await playTurn(server, turn, options);
}

function summariesOf({ asked }: Played): readonly Asked[] {
  return asked.filter(({ isSummary }) => isSummary);
}

test("an endpoint that takes less than was configured summarises a conversation of many portions", async () => {
  const takes = 3_000;
  const answer = (question: unknown): FakeModelAnswer =>
    estimateText(JSON.stringify(question)) > takes
      ? { status: 400, body: { error: { message: "no", code: "context_length_exceeded" } } }
      : { steps: [{ text: "Ann likes tea." }] };
  const { error, summaries } = await play(turnAfter(rounds(100, 1_000)), answer, { contextTokens: 30_000 });
  assert.equal(error, null);
  assert.ok(summaries.length > 0);
});

test("no request for a summary is longer than the model takes, however long the summary before it", async () => {
  const summary: FakeModelAnswer = { steps: [{ text: words(1_300) }] };
  const played = await play(turnAfter(rounds(90, 200)), summary, { contextTokens: 8_000 });
  assert.equal(played.error, null);
  assert.ok(summariesOf(played).length > 2);
  for (const request of summariesOf(played)) assert.ok(tokensOf(request) <= 8_000 - 1_500, String(tokensOf(request)));
});

test("the answer that a request for a summary allows has room beside it", async () => {
  const short: FakeModelAnswer = { steps: [{ text: "Ann likes tea." }] };
  const played = await play(turnAfter(rounds(90, 200)), short, { contextTokens: 8_000, maxOutputTokens: 100 });
  assert.equal(played.error, null);
  for (const request of played.asked) assert.ok(tokensOf(request) <= 8_000, String(tokensOf(request)));
});

test("a summary from a model that takes more is made shorter for one that takes less", async () => {
  const long = words(3_900);
  const short: FakeModelAnswer = { steps: [{ text: "Ann likes tea." }] };
  for (const transcript of [rounds(4, 20), []]) {
    const played = await play({ ...turnAfter(transcript), summary: long }, short, { contextTokens: 4_000 });
    assert.equal(played.error, null);
    for (const request of played.asked) assert.ok(tokensOf(request) <= 4_000, String(tokensOf(request)));
    assert.match(played.asked.at(-1)?.words ?? "", /^\(What was said before[^\n]*\n> Ann likes tea\.\n/);
  }
});

test("a short prompt that is refused as too long is summarised in shorter ones, or fails", async () => {
  const endless: FakeModelAnswer = { steps: [{ text: words(1_000) }] };
  const refusal: FakeModelAnswer = { status: 400, body: { error: { message: "no", code: "context_length_exceeded" } } };
  let asked = 0;
  const played = await play(turnAfter(rounds(4, 10)), () => (asked++ === 0 ? refusal : endless));
  assert.equal(played.error, null);
  assert.ok(estimateText(played.asked.at(-1)?.words ?? "") < 100);
});

test("of a summary that was cut at the most tokens of an answer, it is said that there is no more of it", async () => {
  const cut: FakeModelAnswer = { steps: [{ text: "Ann likes tea and" }], finishReason: "length" };
  const { summaries } = await play(turnAfter(rounds(29, 100)), cut);
  assert.equal(summaries[0]?.text, "Ann likes tea and\n(The rest of this summary was too long and is left out.)");
});

test("a summary that a content filter withholds without a word is the same fault as one it cuts", async () => {
  for (const steps of [[], [{ text: "Ann" }]]) {
    const withheld: FakeModelAnswer = { steps, finishReason: "content_filter" };
    const { error, summaries } = await play(turnAfter(rounds(29, 100)), withheld);
    assert.ok(error instanceof AgentError);
    assert.deepEqual([error.fault, error.retryable, summaries.length], ["context", false, 0]);
    assert.match(error.message, /keeps it from being summarised/);
  }
});

test("a long conversation of short entries that cannot be summarised is asked as it is if it fits", async () => {
  const short: FakeModelAnswer = { steps: [{ text: "Yes." }] };
  const { error, asked } = await play(turnAfter(rounds(201, 1), words(92_000)), short, { contextTokens: 100_000 });
  assert.equal(error, null);
  assert.equal(asked.length, 1);
});

test("a turn that is stopped while its summary is stored asks nobody for an answer", async () => {
  await using server = await openFakeOpenAI();
  const controller = new AbortController();
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
    contextTokens: 8_000,
  });
  const summarize: AgentPorts["summarize"] = () => Promise.resolve(controller.abort(new Error("stop")));
  await assert.rejects(async () => {
    for await (const _ of agent.run(turnAfter(rounds(29, 100)), controller.signal, { ...NO_PORTS, summarize }));
  }, /stop/);
  assert.equal(server.requests.length, 1);
});
