import assert from "node:assert/strict";
import { test } from "node:test";
import { createModelAgent } from "../../src/agent/model.ts";
import { openFakeAnthropic } from "../../src/testing/fake-anthropic.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { agentEntry, agentTurn, partsOf } from "./agent-turn.ts";

const MARK = { cache_control: { type: "ephemeral" } };
const TURN = {
  ...agentTurn({ seq: 3, text: "and now?" }),
  transcript: [
    agentEntry({ seq: 1, text: "hello" }),
    agentEntry({ seq: 2, role: "assistant", text: "hi", sender: null }),
  ],
};

test("Anthropic is told to keep the system prompt, the transcript, and what is to be answered", async () => {
  await using server = await openFakeAnthropic();
  const endpoint = { api: "anthropic", apiKey: "key", baseUrl: server.baseUrl } as const;
  await partsOf(createModelAgent({ endpoint, model: "small", systemPrompt: "Be brief." }), TURN);
  const body = server.requests.at(-1)?.body as { readonly system: unknown; readonly messages: unknown };
  assert.deepEqual(body.system, [{ type: "text", text: "Be brief.", ...MARK }]);
  assert.deepEqual(body.messages, [
    { role: "user", content: [{ type: "text", text: "hello" }] },
    { role: "assistant", content: [{ type: "text", text: "hi", ...MARK }] },
    { role: "user", content: [{ type: "text", text: "and now?", ...MARK }] },
  ]);
});

test("nothing is kept of a request for a summary", async () => {
  await using server = await openFakeAnthropic();
  const endpoint = { api: "anthropic", apiKey: "key", baseUrl: server.baseUrl } as const;
  const transcript = TURN.transcript.map((entry) => ({ ...entry, text: "word ".repeat(600) }));
  await partsOf(createModelAgent({ endpoint, model: "small", contextTokens: 2_000 }), { ...TURN, transcript });
  const requests = server.requests.map(({ body }) => JSON.stringify(body));
  const [summary, answer] = [requests[0], requests.at(-1)];
  assert.ok(summary?.includes("You keep the record of a conversation") && !summary.includes("cache_control"));
  assert.ok(answer?.includes("cache_control"));
});

test("an endpoint of OpenAI's API is told nothing of the kind", async () => {
  await using server = await openFakeOpenAI();
  const endpoint = { api: "openai-compatible", baseUrl: server.baseUrl } as const;
  await partsOf(createModelAgent({ endpoint, model: "small", systemPrompt: "Be brief." }), TURN);
  assert.ok(!/cache/i.test(JSON.stringify(server.requests.at(-1)?.body)));
});
