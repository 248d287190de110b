import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AgentError, type AgentTurn } from "../../src/agent/agent.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentEntry, agentTurn, textOf } from "./agent-turn.ts";
import { playTurn, rounds, turnAfter, type Played } from "./compaction-setup.ts";

const TOO_LONG = {
  status: 400,
  body: { error: { message: "This model's maximum context length is 500 tokens.", code: "context_length_exceeded" } },
};

let server: FakeModelServer;

before(async () => {
  server = await openFakeOpenAI();
});
after(() => server[Symbol.asyncDispose]());

function play(turn: AgentTurn, options: Partial<ModelAgentOptions> = {}, signal?: AbortSignal): Promise<Played> {
  return playTurn(server, turn, options, signal);
}

test("a conversation that fits is asked as it is", async () => {
  const { asked, summaries } = await play(turnAfter(rounds(4, 50)));
  assert.deepEqual([asked.length, asked[0]?.isSummary, summaries.length], [1, false, 0]);
});

test("above the budget the older part is summarised, stored, and stands for it in the prompt", async () => {
  server.next({ steps: [{ text: "Ann likes tea." }] }, { steps: [{ text: "Tea, then." }] });
  const { parts, asked, summaries } = await play(turnAfter(rounds(29, 100)));
  assert.equal(textOf(parts), "Tea, then.");
  assert.deepEqual(
    asked.map(({ isSummary }) => isSummary),
    [true, false],
  );
  const [request, answer] = asked;
  assert.ok(request !== undefined);
  assert.ok(request.words.includes("> question 0 "), "the older part is quoted");
  const [summary] = summaries;
  assert.equal(summary?.text, "Ann likes tea.");
  assert.ok(summary.throughSeq >= 2 && summary.throughSeq < 58 && summary.throughSeq % 2 === 0, "whole turns go");
  const first = summary.throughSeq / 2;
  assert.match(answer?.words ?? "", /^\(What was said before, in short[^\n]*\n> Ann likes tea\.\n\nquestion /);
  assert.ok(!answer?.words.includes(`question ${first - 1} `) && answer?.words.includes(`question ${first} `));
  assert.ok(request.words.includes(`answer ${first - 1} `) && !request.words.includes(`question ${first} `));
});

test("nobody hears a summary, and what it cost is counted", async () => {
  server.next(
    { steps: [{ text: "Ann likes tea." }], usage: { inputTokens: 1_000, outputTokens: 20 } },
    { steps: [{ text: "Yes." }], usage: { inputTokens: 300, outputTokens: 5 } },
  );
  const { parts } = await play(turnAfter(rounds(29, 100)));
  assert.equal(textOf(parts), "Yes.");
  const usage = parts.filter((part) => part.type === "usage");
  assert.equal(
    usage.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    1_325,
  );
});

test("an earlier summary is part of the next one", async () => {
  server.next({ steps: [{ text: "Both." }] });
  const { asked } = await play({ ...turnAfter(rounds(29, 100)), summary: "Ann likes tea." });
  assert.match(
    asked[0]?.words ?? "",
    /^The summary so far:\n> Ann likes tea\.\n\nWhat was said after that:\n\nFrom "Ann"/,
  );
  assert.match(asked[1]?.words ?? "", /\n> Both\.\n/);
});

test("what is too long for one summarising call is summarised in several, and nothing of it is left out", async () => {
  const { asked, summaries, error } = await play(turnAfter(rounds(90, 200)));
  assert.equal(error, null);
  const requests = asked.filter(({ isSummary }) => isSummary);
  assert.ok(requests.length > 2, String(requests.length));
  const words = asked.map((request) => request.words).join("\n");
  for (let round = 0; round < 90; round += 1) {
    assert.ok(words.includes(`question ${round} `) && words.includes(`answer ${round} `), String(round));
  }
  assert.equal(summaries.length, 1, "only the whole of it is stored");
});

test("one message of what was said that is longer than a call is summarised in parts", async () => {
  const long = Array.from({ length: 6_000 }, (_, index) => `word${index}`).join(" ");
  const transcript = [
    agentEntry({ seq: 1, text: long }),
    agentEntry({ seq: 2, role: "assistant", text: "I see.", sender: null }),
  ];
  const { asked, summaries } = await play(turnAfter(transcript));
  const words = new Set(asked.filter(({ isSummary }) => isSummary).flatMap((request) => request.words.split(/\s/)));
  assert.deepEqual(
    long.split(" ").filter((word) => !words.has(word)),
    [],
  );
  assert.equal(summaries.length, 1);
});

test("more than 400 entries are summarised however short they are, down to 200", async () => {
  const { asked, summaries } = await play(turnAfter(rounds(201, 1)), { contextTokens: 100_000 });
  assert.deepEqual(
    asked.map(({ isSummary }) => isSummary),
    [true, false],
  );
  assert.equal(summaries[0]?.throughSeq, 202);
});

test("a summary is kept when the answer fails, and the next attempt does without another one", async () => {
  server.next({ steps: [{ text: "Ann likes tea." }] }, { status: 500 });
  const { error, summaries } = await play(turnAfter(rounds(29, 100)));
  assert.ok(error instanceof AgentError && error.retryable);
  const { text, throughSeq } = summaries[0] ?? assert.fail("it must be stored");
  const transcript = rounds(29, 100).filter(({ seq }) => (seq ?? 0) > throughSeq);
  const again = await play({ ...turnAfter(rounds(29, 100)), summary: text, transcript });
  assert.deepEqual([again.asked.length, again.summaries.length, again.error], [1, 0, null]);
});

test("when the summary fails, so does the attempt, and nothing is stored", async () => {
  server.next({ status: 503, headers: { "retry-after": "7" } });
  const { error, summaries, asked } = await play(turnAfter(rounds(29, 100)));
  assert.ok(error instanceof AgentError);
  assert.deepEqual([error.fault, error.retryAfterMs, summaries.length, asked.length], ["unavailable", 7_000, 0, 1]);
});

test("a message that is longer than the model takes is a fault at once, with what to do", async () => {
  for (const transcript of [[], rounds(29, 100)]) {
    const { error, asked } = await play(turnAfter(transcript, "word ".repeat(8_000)));
    assert.ok(error instanceof AgentError);
    assert.deepEqual([error.fault, error.retryable, asked.length], ["context", false, 0]);
    assert.match(
      error.message,
      /about \d+ tokens .* where 6000 have room\. Say it in parts, or raise agent\.contextTokens/,
    );
  }
});

test("a call without a session is never summarised", async () => {
  const transcript = rounds(29, 100).map((entry) => ({ ...entry, seq: null }));
  const turn = { ...agentTurn({ seq: null, text: "and now?" }), transcript };
  const { error, asked } = await play(turn);
  assert.ok(error instanceof AgentError);
  assert.deepEqual([error.fault, error.retryable, asked.length], ["context", false, 0]);
  const many = rounds(300, 1).map((entry) => ({ ...entry, seq: null }));
  assert.equal((await play({ ...turn, transcript: many }, { contextTokens: 100_000 })).error, null);
});

test("what the endpoint finds too long is summarised and asked once more in the same attempt", async () => {
  server.next(TOO_LONG, { steps: [{ text: "Ann likes tea." }] }, { steps: [{ text: "Yes." }] });
  const { parts, asked, summaries } = await play(turnAfter(rounds(20, 200)), { contextTokens: 100_000 });
  assert.equal(textOf(parts), "Yes.");
  assert.deepEqual(
    asked.map(({ isSummary }) => isSummary),
    [false, true, false],
  );
  assert.equal(summaries.length, 1);
  assert.ok((asked[2]?.words.length ?? 0) < (asked[0]?.words.length ?? 0) / 2);
});

test("what the endpoint finds too long twice is a fault", async () => {
  server.next(TOO_LONG, { steps: [{ text: "Ann likes tea." }] }, TOO_LONG);
  const { error, summaries } = await play(turnAfter(rounds(20, 200)), { contextTokens: 100_000 });
  assert.ok(error instanceof AgentError);
  assert.deepEqual([error.fault, error.retryable, summaries.length], ["context", false, 1]);
  server.next(TOO_LONG);
  const alone = await play(turnAfter([]), { contextTokens: 100_000 });
  assert.ok(alone.error instanceof AgentError);
  assert.deepEqual([alone.error.fault, alone.asked.length], ["context", 1], "there is nothing to summarise");
});

test("what is too long after a word was said, or a tool was called, is a fault: it cannot be said again", async () => {
  for (const step of [{ text: "Well, " }, { toolCall: { name: "search", arguments: "{}" } }]) {
    server.next({ steps: [step, { error: { message: "too long", code: "context_length_exceeded" } }] });
    const { error, asked } = await play(turnAfter(rounds(20, 200)), { contextTokens: 100_000 });
    assert.ok(error instanceof AgentError);
    assert.deepEqual([error.fault, error.retryable, asked.length], ["context", false, 1]);
  }
});

test("a summarising call that the endpoint finds too long is parted further", async () => {
  server.next(TOO_LONG, TOO_LONG);
  const { error, asked, summaries } = await play(turnAfter(rounds(40, 200)), { contextTokens: 100_000 });
  assert.equal(error, null);
  assert.equal(summaries.length, 1);
  assert.ok(asked.filter(({ isSummary }) => isSummary).length >= 3);
});

test("a summary that is far too long is made shorter, and at last cut with a word about it", async () => {
  const endless = { steps: [{ text: "word ".repeat(5_000) }] };
  server.next(endless, { steps: [{ text: "Short." }] });
  assert.equal((await play(turnAfter(rounds(29, 100)))).summaries[0]?.text, "Short.");
  server.next(endless, endless);
  const { summaries } = await play(turnAfter(rounds(29, 100)));
  assert.match(summaries[0]?.text ?? "", /word\n\(The rest of this summary was too long and is left out\.\)$/);
  assert.ok((summaries[0]?.text.length ?? 0) < 8_000);
});

test("a short answer does not make for a short summary", async () => {
  const { asked } = await play(turnAfter(rounds(40, 100)), { maxOutputTokens: 50 });
  assert.ok((asked[0]?.maxTokens ?? 0) > 1_000);
  assert.equal(asked.at(-1)?.maxTokens, 50);
});

test("a conversation whose summary the content filter withholds is a fault, and nothing is stored", async () => {
  server.next({ steps: [{ text: "Ann" }], finishReason: "content_filter" });
  const { error, summaries } = await play(turnAfter(rounds(29, 100)));
  assert.ok(error instanceof AgentError);
  assert.deepEqual([error.fault, error.retryable, summaries.length], ["context", false, 0]);
});

test("an abort ends a summarising call, and nothing is stored", async () => {
  const controller = new AbortController();
  server.next({ steps: [{ text: "Ann" }, { run: () => controller.abort(new Error("stop")) }, "hang"] });
  const { error, summaries, asked } = await play(turnAfter(rounds(29, 100)), {}, controller.signal);
  assert.match(String(error), /stop/);
  assert.deepEqual([summaries.length, asked.length], [0, 1]);
  assert.equal(await server.requests.at(-1)?.closed, "early");
});

test("the time-outs hold in a summarising call, and the whole answer has one time", async () => {
  for (const limits of [
    { idleTimeoutMs: 5_000, totalTimeoutMs: 100_000 },
    { idleTimeoutMs: 100_000, totalTimeoutMs: 5_000 },
  ]) {
    const clock = createManualClock(0);
    server.next({ steps: [{ text: "Ann" }, { run: () => clock.advance(5_000) }, "hang"] });
    const { error, summaries } = await play(turnAfter(rounds(29, 100)), { clock, ...limits });
    assert.ok(error instanceof AgentError, String(error));
    assert.deepEqual([error.fault, error.retryable, summaries.length], ["unavailable", true, 0]);
  }
});

test("of an old turn that is taken up again, the summary holds for that turn alone", async () => {
  const transcript = rounds(29, 100).map((entry) => ({ ...entry, seq: (entry.seq ?? 0) + 10 }));
  const { error, summaries, asked } = await play({
    ...agentTurn({ seq: 3, text: "still?" }),
    transcript,
    summary: "Before.",
  });
  assert.deepEqual([error, summaries.length, asked.length], [null, 0, 2]);
});

test("what an endpoint has counted corrects the estimate for the next prompt", async () => {
  const options = { contextTokens: 12_000 } as const;
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
    ...options,
  });
  const ask = async (turn: AgentTurn): Promise<number> => {
    const from = server.requests.length;
    for await (const _ of agent.run(turn, new AbortController().signal, NO_PORTS));
    return server.requests.length - from;
  };
  server.next({ steps: [{ text: "Yes." }], usage: { inputTokens: 10_000, outputTokens: 1 } });
  const turn = turnAfter(rounds(14, 100));
  assert.equal(await ask(turn), 1);
  assert.ok((await ask(turn)) > 1, "three times as many tokens as was thought do not fit");
});
