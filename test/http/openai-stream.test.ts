import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentError } from "../../src/agent/agent.ts";
import type { Turn } from "../../src/core/turn.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { type AppUnderTest, openApp } from "./app-setup.ts";
import { answerNext, chunksIn, waiting } from "./openai-setup.ts";

const MESSAGES = [{ role: "user", content: "hello" }];

async function openChat(under: AppUnderTest, fields: object = { user: "ada" }): Promise<Response> {
  const body = { model: "parlor", stream: true, messages: MESSAGES, ...fields };
  const response = await under.fetch("POST", "/v1/chat/completions", { body });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  return response;
}

function openResponse(under: AppUnderTest): Promise<Response> {
  const body = { model: "parlor", stream: true, input: "hello", user: "ada" };
  return under.fetch("POST", "/v1/responses", { body });
}

/** What a stream of chunks says: its pieces, why it ended, its error, and whether it is done. */
async function told(response: Response): Promise<readonly unknown[]> {
  return chunksIn(await response.text()).map((chunk) => {
    if (typeof chunk === "string") return chunk;
    const { choices, error } = chunk as {
      choices?: readonly { delta: { content?: string }; finish_reason: string | null }[];
      error?: { code: string };
    };
    const [choice] = choices ?? [];
    return error?.code ?? choice?.finish_reason ?? choice?.delta.content ?? "usage";
  });
}

async function claim(under: AppUnderTest): Promise<Turn> {
  await waiting(under);
  const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
  assert.ok(turn !== null);
  return turn;
}

/** One attempt of a turn as listeners hear it. */
function attempt(under: AppUnderTest, { lease, messages }: Turn, number: number, pieces: readonly string[]): void {
  const { turnId, sessionId } = lease;
  under.live.publish(sessionId, { type: "start", turnId, attempt: number, seqs: messages.map(({ seq }) => seq) });
  for (const text of pieces) under.live.publish(sessionId, { type: "text", turnId, text });
}

async function commit(under: AppUnderTest, { lease }: Turn, text: string): Promise<void> {
  await under.store.commitTurn(lease, { entries: [{ role: "assistant", text, pieces: [] }] });
  under.live.publish(lease.sessionId, { type: "end", turnId: lease.turnId, outcome: "done" });
}

describe("a streamed chat completion", () => {
  test("is told piece by piece, and ends with its cost when that was asked for", async () => {
    await using under = await openApp();
    const response = await openChat(under, { user: "ada", stream_options: { include_usage: true } });
    await answerNext(under, "Hello, Ada.", ["Hello, ", "Ada."]);
    assert.deepEqual(await told(response), ["", "Hello, ", "Ada.", "stop", "usage", "[DONE]"]);
  });

  test("goes on with a second attempt where it says more than the first, and the rest is taken from the store", async () => {
    await using under = await openApp();
    const response = await openChat(under);
    const turn = await claim(under);
    attempt(under, turn, 1, ["Hel"]);
    attempt(under, turn, 2, ["H", "ello", ", A"]);
    await commit(under, turn, "Hello, Ada.");
    assert.deepEqual(await told(response), ["", "Hel", "lo", ", A", "da.", "stop", "[DONE]"]);
  });

  test("whose stored reply says something else ends in an error, and is never said to be complete", async () => {
    await using under = await openApp();
    const response = await openChat(under);
    const turn = await claim(under);
    attempt(under, turn, 1, ["Hello"]);
    attempt(under, turn, 2, ["Hi", " there"]);
    await commit(under, turn, "Hi there");
    assert.deepEqual(await told(response), ["", "Hello", "reply_differs"]);
  });

  test("has nothing of the turn before it", async () => {
    await using under = await openApp();
    await under.call("POST", "/api/chats/ada/messages", { body: { from: "ada", text: "first" } });
    const first = await claim(under);
    attempt(under, first, 1, ["not "]);
    const response = await openChat(under);
    under.live.publish(first.lease.sessionId, { type: "text", turnId: first.lease.turnId, text: "yours" });
    await commit(under, first, "not yours");
    await answerNext(under, "yours");
    assert.deepEqual(await told(response), ["", "yours", "stop", "[DONE]"]);
  });

  test("ends with what another node has answered", async () => {
    await using under = await openApp({ ports: () => ({ listen: () => () => {} }) });
    const response = await openChat(under);
    await answerNext(under, "Hello.");
    assert.deepEqual(await told(response), ["", "Hello.", "stop", "[DONE]"]);
  });

  test("keeps characters whole that an agent says in halves", async () => {
    await using under = await openApp();
    const response = await openChat(under);
    const turn = await claim(under);
    attempt(under, turn, 1, ["a\ud83d", "\ude00b"]);
    await commit(under, turn, "a\u{1f600}b");
    assert.deepEqual(await told(response), ["", "a", "\u{1f600}b", "stop", "[DONE]"]);
  });

  test("of a turn that dies or is cancelled ends in an error", async () => {
    await using under = await openApp();
    for (const [end, code] of [
      ["dead", "turn_failed"],
      ["cancelled", "turn_cancelled"],
    ] as const) {
      const response = await openChat(under, { user: end });
      const { lease } = await claim(under);
      if (end === "cancelled") await under.store.cancelTurn({ sessionId: lease.sessionId });
      else await under.store.failTurn(lease, { reason: "No.", retryAt: null, notice: "Sorry.", pieces: [] });
      under.live.publish(lease.sessionId, { type: "end", turnId: lease.turnId, outcome: end });
      assert.deepEqual(await told(response), ["", code]);
    }
  });

  test("of the agent itself ends in an error when it fails, and says so in its words", async () => {
    const agent = createFakeAgent();
    agent.next(["Hel", { fail: new AgentError("The model is gone.", { retryable: true }) }]);
    await using under = await openApp({ agent });
    const text = await (await openChat(under, {})).text();
    assert.match(text, /The model is gone\./);
    assert.doesNotMatch(text, /DONE|"stop"/);
    assert.deepEqual(under.faults, []);
  });

  test("of an agent that fails in a way nobody foresaw tells nothing of it, and the gateway hears of it", async () => {
    const fault = new Error("password hunter2");
    const agent = createFakeAgent({ script: () => [{ fail: fault }] });
    await using under = await openApp({ agent });
    const text = await (await openChat(under, {})).text();
    assert.match(text, /agent_failed/);
    assert.doesNotMatch(text, /hunter2/);
    assert.deepEqual(under.faults, [fault]);
  });

  test("shows that it is alive while nothing is said", async () => {
    await using under = await openApp();
    const response = await openChat(under);
    for (let second = 0; second < 31; second += 1) {
      await settle();
      under.clock.advance(1_000);
    }
    await answerNext(under, "Hello.");
    assert.equal((await response.text()).match(/^:$/gm)?.length, 2);
  });

  test("ends in an error when the gateway closes", async () => {
    const closing = new AbortController();
    await using under = await openApp({ closing: closing.signal });
    const response = await openChat(under);
    await waiting(under);
    closing.abort();
    assert.deepEqual(await told(response), ["", "unavailable"]);
    assert.deepEqual(under.faults, []);
  });
});

describe("a client", () => {
  test("that does not read costs a bounded buffer until the end, and still gets the whole reply", async () => {
    await using under = await openApp();
    const response = await openChat(under);
    const turn = await claim(under);
    const pieces = Array.from({ length: 100 }, (_, index) => String(index % 10).repeat(10_000));
    attempt(under, turn, 1, pieces);
    await commit(under, turn, pieces.join(""));
    const chunks = await told(response);
    assert.equal(chunks.slice(1, -2).join(""), pieces.join(""));
    assert.ok(chunks.length < 40, String(chunks.length));
  });

  test("that has not read to the end keeps its place, so that what waits for clients is bounded", async () => {
    const agent = createFakeAgent();
    await using under = await openApp({ agent, maxWaiting: 1 });
    const response = await openChat(under, {});
    assert.equal(await (await agent.started(1)).ended, "finished");
    await settle();
    const again = (): Promise<Response> =>
      under.fetch("POST", "/v1/responses", { body: { model: "fake", input: "x" } });
    assert.equal((await again()).status, 429);
    assert.deepEqual(await told(response), ["", "ok", "stop", "[DONE]"]);
    assert.equal((await again()).status, 200);
  });

  test("that leaves gives its place back, hears nothing more and does not cancel the turn", async () => {
    let listeners = 0;
    await using under = await openApp({
      maxWaiting: 1,
      ports: (ports) => ({
        listen: (sessionId, listener) => {
          listeners += 1;
          const stop = ports.listen(sessionId, listener);
          return () => {
            listeners -= 1;
            stop();
          };
        },
      }),
    });
    const response = await openChat(under);
    assert.equal((await under.fetch("POST", "/v1/responses", { body: { model: "fake", input: "x" } })).status, 429);
    const turn = await claim(under);
    await eventually(() => listeners > 0);
    await response.body?.cancel();
    await eventually(() => listeners === 0);
    assert.equal((await under.fetch("POST", "/v1/responses", { body: { model: "fake", input: "x" } })).status, 200);
    await commit(under, turn, "Hello.");
    assert.equal((await under.store.reader.stats()).messages.answered, 1);
    assert.deepEqual(under.faults, []);
  });
});

describe("a streamed response", () => {
  test("numbers its events without a gap, also for a client that does not keep up", async () => {
    await using under = await openApp();
    const response = await openResponse(under);
    const turn = await claim(under);
    const pieces = Array.from({ length: 100 }, () => "x".repeat(10_000));
    attempt(under, turn, 1, pieces);
    await commit(under, turn, pieces.join(""));
    const events = chunksIn(await response.text()) as { type: string; sequence_number: number; delta?: string }[];
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, index) => index),
    );
    assert.equal(events.map(({ delta = "" }) => delta).join(""), pieces.join(""));
    assert.equal(events.at(-1)?.type, "response.completed");
  });

  test("whose stored reply says something else fails", async () => {
    await using under = await openApp();
    const response = await openResponse(under);
    const turn = await claim(under);
    attempt(under, turn, 1, ["Hello"]);
    await commit(under, turn, "Hi there");
    const last = chunksIn(await response.text()).at(-1) as {
      type: string;
      response: { status: string; error: { code: string; message: string } };
    };
    assert.deepEqual(
      [last.type, last.response.status, last.response.error.code],
      ["response.failed", "failed", "server_error"],
    );
    assert.match(last.response.error.message, /differs from what was streamed/);
  });

  test("that the agent cut short is incomplete", async () => {
    const agent = createFakeAgent({ script: () => ["cut", { type: "finish", reason: "length" }] });
    await using under = await openApp({ agent });
    const body = { model: "parlor", stream: true, input: "hello" };
    const events = chunksIn(await (await under.fetch("POST", "/v1/responses", { body })).text());
    const last = events.at(-1) as { type: string; response: { incomplete_details: object } };
    assert.deepEqual(
      [last.type, last.response.incomplete_details],
      ["response.incomplete", { reason: "max_output_tokens" }],
    );
  });
});
