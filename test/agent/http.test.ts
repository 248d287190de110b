import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { agentEntry, agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { agentOf, json, openEndpoint, SECRET, sse, streaming } from "./http-endpoint-server.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

describe("the question", () => {
  test("is the turn, signed as a Standard Webhook whose id is turn and attempt", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const turn = {
      ...agentTurn("and now?"),
      attempt: 3,
      transcript: [agentEntry({ text: "hello" }), agentEntry({ role: "assistant", text: "hi", sender: null })],
    };
    await partsOf(agentOf(server), turn);
    const [asked] = server.asked;
    assert.ok(asked !== undefined);
    assert.deepEqual([asked.method, asked.path, asked.headers.get("webhook-id")], ["POST", "/turns", "trn_1-3"]);
    assert.deepEqual(new Webhook(SECRET).verify(asked.body, Object.fromEntries(asked.headers)), {
      type: "agent.turn",
      turn: "trn_1",
      attempt: 3,
      session: "ses_1",
      source: turn.source,
      reset: null,
      instructions: null,
      summary: null,
      transcript: turn.transcript,
      messages: turn.messages,
    });
  });

  test("has the same id when the same attempt is asked again, and another one for the next attempt", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const agent = agentOf(server);
    for (const attempt of [1, 1, 2]) await partsOf(agent, { ...agentTurn("hello"), attempt });
    assert.deepEqual(
      server.asked.map(({ headers }) => headers.get("webhook-id")),
      ["trn_1-1", "trn_1-1", "trn_1-2"],
    );
  });

  test("that is too long is not sent", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    await assert.rejects(partsOf(agentOf(server), agentTurn("x".repeat(5_000_000))), {
      message: "What was said is too long to be sent to the agent. Say it in parts.",
      retryable: false,
    });
    assert.equal(server.connections(), 0);
  });
});

describe("an answer in JSON", () => {
  test("is its text, its usage and its end", async () => {
    const usage = { model: "small", inputTokens: 11, outputTokens: 7 };
    await using server = await openEndpoint(json({ text: "Good morning 👋", usage, finish: "length" }));
    assert.deepEqual(await partsOf(agentOf(server), agentTurn("hello")), [
      { type: "text", text: "Good morning 👋" },
      { type: "usage", ...usage },
      { type: "finish", reason: "length" },
    ]);
  });

  test("may be a text alone, and usage without a model counts under the agent's name", async () => {
    const usage = { inputTokens: 1, outputTokens: 2 };
    await using server = await openEndpoint((response, { body }) =>
      json(body.includes("how much") ? { text: "a", usage } : { text: "a", more: true })(response),
    );
    const agent = agentOf(server);
    assert.deepEqual(await partsOf(agent, agentTurn("hello")), [
      { type: "text", text: "a" },
      { type: "finish", reason: "done" },
    ]);
    assert.deepEqual((await partsOf(agent, agentTurn("how much")))[1], { type: "usage", model: agent.name, ...usage });
  });
});

describe("an answer as a stream", () => {
  test("is handed on event by event, up to its end", async () => {
    await using server = await openEndpoint(
      streaming(
        ": hello\n\n",
        sse("reasoning"),
        sse("tool", { index: 0, name: "search\nthe web", state: "started" }),
        sse("tool", { index: 0, name: "search", state: "finished" }),
        sse("text", { text: "Good " }) + sse("text", { text: "morning" }),
        sse("from-the-future", { any: "thing" }),
        sse("usage", { model: "small", inputTokens: 11, outputTokens: 7 }),
        "event: finish\n\n",
        sse("finish"),
        sse("text", { text: "too late" }),
      ),
    );
    assert.deepEqual(await partsOf(agentOf(server), agentTurn("hello")), [
      { type: "reasoning" },
      { type: "tool", index: 0, name: "search the web", state: "started" },
      { type: "tool", index: 0, name: "search", state: "finished" },
      { type: "text", text: "Good " },
      { type: "text", text: "morning" },
      { type: "usage", model: "small", inputTokens: 11, outputTokens: 7 },
      { type: "finish", reason: "done" },
    ]);
  });

  test("is whole however it is cut into pieces", async () => {
    const bytes = Buffer.from(sse("text", { text: "Grüße 👋" }) + sse("finish", { reason: "filtered" }));
    await using server = await openEndpoint(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const byte of bytes) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      response.end();
    });
    const parts = await partsOf(agentOf(server), agentTurn("hello"));
    assert.equal(textOf(parts), "Grüße 👋");
    assert.deepEqual(parts.at(-1), { type: "finish", reason: "filtered" });
  });

  test("reaches whoever listens before the next event exists", async () => {
    const more = Promise.withResolvers<void>();
    await using server = await openEndpoint(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "one" }));
      await more.promise;
      response.end(sse("text", { text: "two" }) + sse("finish"));
    });
    const said: string[] = [];
    for await (const part of agentOf(server).run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
      if (part.type === "text") said.push(part.text);
      more.resolve();
    }
    assert.deepEqual(said, ["one", "two"]);
  });
});
