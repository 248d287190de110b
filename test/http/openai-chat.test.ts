import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentError } from "../../src/agent/agent.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { eventually } from "../turn/eventually.ts";
import { openApp } from "./app-setup.ts";
import {
  answered,
  answerNext,
  assertOpenAiError,
  complete,
  saidIn,
  type ResponseBody,
  waiting,
} from "./openai-setup.ts";

const user = (content: unknown): object => ({ role: "user", content });
const assistant = (content: string): object => ({ role: "assistant", content });

describe("a chat completion with a session", () => {
  test("is answered by the session of the chat, the same one as of POST /api/chats/{chat}/messages", async () => {
    await using under = await openApp();
    const call = complete(under, "hello", { user: "ada" }, { "x-session-id": "tea" });
    const body = await answered(under, call, "Hello, Ada.");
    assert.deepEqual(body.choices, [
      {
        index: 0,
        message: { role: "assistant", content: "Hello, Ada.", refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ]);
    assert.deepEqual([body.model, body.usage], ["fake", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }]);
    const { headers } = await call;
    const { body: session } = await under.call<{ id: string; lastSeq: number }>(
      "GET",
      "/api/chats/tea/session?from=ada",
    );
    assert.deepEqual([headers.get("x-parlor-stored"), headers.get("x-parlor-session")], ["true", session.id]);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(session.lastSeq, 2);
  });

  test("finds its chat in the header, else in conversation, else in user, who is the person", async () => {
    await using under = await openApp();
    const conversation = { id: "from the body" };
    for (const [headers, fields, chat, from] of [
      [{ "x-session-id": "header" }, { conversation, user: "ada" }, "header", "ada"],
      [{}, { conversation, user: "ada" }, "from the body", "ada"],
      [{}, { conversation: "a string" }, "a string", "operator"],
      [{}, { user: "ada" }, "ada", "ada"],
    ] as const) {
      await answered(under, complete(under, `to ${chat}`, fields, headers), "ok");
      assert.deepEqual(await saidIn(under, encodeURIComponent(chat), from), [`to ${chat}`]);
    }
  });

  test("takes the user's messages behind the assistant's last one, in order, as one turn", async () => {
    await using under = await openApp();
    const resent = [
      { role: "system", content: "Be kind." },
      user("before"),
      assistant("yes"),
      { role: "developer", content: "Be brief." },
      user("one"),
      user([
        { type: "text", text: "two" },
        { type: "text", text: "three" },
      ]),
    ];
    const call = complete(under, resent, { user: "ada" });
    await waiting(under);
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.deepEqual(
      turn?.messages.map(({ text }) => text),
      ["one", "two\nthree"],
    );
    assert.ok(turn !== null);
    await under.store.commitTurn(turn.lease, { entries: [{ role: "assistant", text: "ok", pieces: [] }] });
    under.live.publish(turn.session.id, { type: "end", turnId: turn.lease.turnId, outcome: "done" });
    assert.equal((await call).body.choices[0]?.message.content, "ok");
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["one", "two\nthree"]);
  });

  test("tells what the turn has cost, when the agent did", async () => {
    await using under = await openApp();
    const call = complete(under, "hello", { user: "ada" });
    await waiting(under);
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    await under.store.commitTurn(turn.lease, {
      entries: [{ role: "assistant", text: "ok", pieces: [] }],
      usage: { model: "m", inputTokens: 11, outputTokens: 2 },
    });
    under.live.publish(turn.session.id, { type: "end", turnId: turn.lease.turnId, outcome: "done" });
    assert.deepEqual((await call).body.usage, { prompt_tokens: 11, completion_tokens: 2, total_tokens: 13 });
  });

  test("keeps files by reference", async () => {
    await using under = await openApp();
    const picture = { type: "image_url", image_url: { url: "https://files.test/a.png" } };
    const paper = { type: "input_file", file_url: "https://files.test/a.pdf", filename: "a.pdf" };
    const call = complete(under, [user([{ type: "text", text: "/look" }, picture, paper])], { user: "ada" });
    await answered(under, call, "Nice.");
    const { body } = await under.call<{ id: string }>("GET", "/api/chats/ada/session?from=ada");
    const { items } = await under.store.reader.transcript(body.id);
    assert.deepEqual(items[0]?.attachments, [
      { url: "https://files.test/a.png" },
      { url: "https://files.test/a.pdf", name: "a.pdf" },
    ]);
  });

  test("leaves what Parlor says beside the agent to people", async () => {
    await using under = await openApp();
    const call = complete(under, "hello", { user: "ada" });
    await waiting(under);
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    await under.store.commitTurn(turn.lease, {
      entries: [
        { role: "notice", text: "A new day.", pieces: [] },
        { role: "assistant", text: "Hello.", pieces: [] },
      ],
    });
    under.live.publish(turn.session.id, { type: "end", turnId: turn.lease.turnId, outcome: "done" });
    assert.equal((await call).body.choices[0]?.message.content, "Hello.");
  });

  test("answers a command with its reply, and stores nothing", async () => {
    await using under = await openApp();
    for (const text of ["/status", "/new", "/nope"]) {
      const { status, headers, body } = await complete(under, text, { user: "ada" });
      assert.equal(status, 200);
      assert.match(body.choices[0]?.message.content ?? "", /conversation|Unknown command/);
      assert.equal(headers.get("x-parlor-stored"), "false");
    }
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("carries out a command where it stands among the messages", async () => {
    await using under = await openApp();
    await answered(under, complete(under, "first life", { user: "ada" }), "ok");
    await answered(under, complete(under, [user("/new"), user("second life")], { user: "ada" }), "ok");
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["second life"]);
    const { body } = await complete(under, [user("not answered"), user("/new")], { user: "ada" });
    assert.match(body.choices[0]?.message.content ?? "", /One message will not be answered/);
  });

  test("that dies, is cancelled or is erased ends in an error that clients do not repeat by themselves", async () => {
    await using under = await openApp();
    for (const [end, status, code] of [
      ["dead", 502, "turn_failed"],
      ["cancelled", 502, "turn_cancelled"],
      ["erased", 410, "gone"],
    ] as const) {
      const call = complete(under, "hello", { user: end });
      await waiting(under);
      const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
      assert.ok(turn !== null);
      const { turnId, sessionId } = turn.lease;
      if (end === "dead") {
        await under.store.failTurn(turn.lease, { reason: "hunter2", retryAt: null, notice: "Sorry.", pieces: [] });
      } else if (end === "cancelled") await under.store.cancelTurn({ sessionId });
      else await under.store.erase(sessionId);
      under.live.publish(sessionId, { type: "end", turnId, outcome: "lost" });
      const answer = await call;
      assert.doesNotMatch(assertOpenAiError(answer, status, code), /hunter2/);
      if (status === 502) assert.equal(answer.headers.get("x-should-retry"), "false");
    }
  });
});

describe("a chat completion without a session", () => {
  test("goes straight to the agent with everything it brings, and leaves nothing behind", async () => {
    const agent = createFakeAgent({ name: "sage" });
    agent.next(["Fi", "ne.", { type: "usage", model: "m", inputTokens: 7, outputTokens: 3 }]);
    await using under = await openApp({ agent });
    const { status, headers, body } = await complete(under, [
      { role: "system", content: "Be kind." },
      user("hello"),
      assistant("hi"),
      { role: "developer", content: "Be brief." },
      { role: "user", content: "how are you?", name: "Ada" },
    ]);
    assert.equal(status, 200);
    assert.equal(headers.get("x-parlor-stored"), "false");
    assert.deepEqual([body.model, body.choices[0]?.message.content], ["sage", "Fine."]);
    assert.deepEqual(body.usage, { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
    const { turn } = await agent.started(1);
    assert.equal(turn.instructions, "Be kind.\n\nBe brief.");
    assert.deepEqual(
      turn.transcript.map(({ role, text }) => [role, text]),
      [
        ["user", "hello"],
        ["assistant", "hi"],
      ],
    );
    assert.deepEqual(
      turn.messages.map(({ text, sender }) => [text, sender?.name]),
      [["how are you?", "Ada"]],
    );
    const { sessions, entries, turns, inputTokens } = await under.store.reader.stats();
    assert.deepEqual([sessions, entries, turns.done, inputTokens, under.avoided.size], [0, 0, 0, 0, 0]);
  });

  test("says why its answer ended", async () => {
    for (const [reason, expected] of [
      ["length", "length"],
      ["filtered", "content_filter"],
    ] as const) {
      const agent = createFakeAgent({ script: () => ["cut", { type: "finish", reason }] });
      await using under = await openApp({ agent });
      assert.equal((await complete(under, "hello")).body.choices[0]?.finish_reason, expected);
    }
  });

  test("stops the agent when its caller leaves", async () => {
    const agent = createFakeAgent({ script: () => [{ wait: new Promise(() => {}) }] });
    await using under = await openApp({ agent, maxWaiting: 1 });
    const left = new AbortController();
    const body = { model: "parlor", messages: [user("hello")] };
    const call = under.call("POST", "/v1/chat/completions", { body, signal: left.signal });
    const run = await agent.started(1);
    assertOpenAiError(await complete(under, "hello"), 429, "too_many_waiting");
    left.abort();
    await call;
    assert.equal(await run.ended, "aborted");
    assert.deepEqual(under.faults, []);
  });

  test("stops the agent when the gateway closes", async () => {
    const agent = createFakeAgent({ script: () => [{ wait: new Promise(() => {}) }] });
    const closing = new AbortController();
    await using under = await openApp({ agent, closing: closing.signal });
    const call = complete(under, "hello");
    const run = await agent.started(1);
    closing.abort();
    assertOpenAiError(await call, 503, "unavailable");
    assert.equal(await run.ended, "aborted");
  });
});

test("what ends a wait for a stored reply says that it will come", async () => {
  const closing = new AbortController();
  await using under = await openApp({ closing: closing.signal });
  const call = complete(under, "hello", { user: "ada" });
  await waiting(under);
  closing.abort();
  const answer = await call;
  assertOpenAiError(answer, 503, "unavailable");
  assert.deepEqual([answer.headers.get("retry-after"), answer.headers.get("x-should-retry")], ["1", "false"]);
  await eventually(async () => (await under.store.reader.stats()).messages.waiting === 1);
});

test("every answer gives its place back, also an error", async () => {
  const agent = createFakeAgent();
  await using under = await openApp({ agent, maxWaiting: 1 });
  agent.next(["ok"], [{ fail: new AgentError("No.", { retryable: true, retryAfterMs: 1_500 }) }]);
  assert.equal((await complete(under, "hello")).status, 200);
  const failed = await complete(under, "hello");
  assertOpenAiError(failed, 502, "agent_failed");
  assert.deepEqual([failed.headers.get("x-should-retry"), failed.headers.get("retry-after")], ["true", "2"]);
  assert.equal((await complete(under, "hello")).status, 200);
});

test("a call without a session that is too long for the agent says so in the words of the API", async () => {
  const agent = createFakeAgent();
  await using under = await openApp({ agent });
  agent.next([{ fail: new AgentError("It is too long.", { fault: "context", retryable: false }) }]);
  const failed = await complete(under, "hello");
  assertOpenAiError(failed, 400, "context_length_exceeded");
  assert.equal(failed.headers.get("x-should-retry"), "false");
});

test("a response and a chat completion speak in the same session", async () => {
  await using under = await openApp();
  await answered(under, complete(under, "hello", { user: "ada" }), "ok");
  const body = { model: "fake", user: "ada", input: "again" };
  const call = under.call<ResponseBody>("POST", "/v1/responses", { body });
  await answerNext(under, "ok");
  assert.equal((await call).status, 200);
  assert.deepEqual(await saidIn(under, "ada", "ada"), ["hello", "again"]);
});
