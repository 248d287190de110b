import assert from "node:assert/strict";
import { test } from "node:test";
import { listModels } from "../../src/agent/list-models.ts";
import { openFakeAnthropic } from "../../src/testing/fake-anthropic.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";

test("the models of an endpoint are listed in its order", async () => {
  await using server = await openFakeOpenAI({ models: ["b", "a"], apiKey: "key" });
  const listed = await listModels({ api: "openai-compatible", baseUrl: server.baseUrl, apiKey: "key" });
  assert.deepEqual(listed, { outcome: "listed", models: ["b", "a"] });
});

test("an Anthropic endpoint is asked with its own header", async () => {
  await using server = await openFakeAnthropic({ models: ["c"], apiKey: "key" });
  const listed = await listModels({ api: "anthropic", baseUrl: server.baseUrl, apiKey: "key" });
  assert.deepEqual(listed, { outcome: "listed", models: ["c"] });
});

test("a name that could not stand in a sentence is left out", async () => {
  await using server = await openFakeOpenAI({ models: ["a\nb", "hf.co/org/model:Q4_K_M", "x".repeat(200)] });
  const listed = await listModels({ api: "openai-compatible", baseUrl: server.baseUrl });
  assert.deepEqual(listed, { outcome: "listed", models: ["hf.co/org/model:Q4_K_M"] });
});

test("an endpoint that refuses is unavailable, with its status", async () => {
  await using server = await openFakeOpenAI({ apiKey: "key" });
  const listed = await listModels({ api: "openai-compatible", baseUrl: server.baseUrl });
  assert.deepEqual(listed, { outcome: "unavailable", reason: "401" });
});

test("an endpoint that is down is unavailable", async () => {
  const server = await openFakeOpenAI();
  await server[Symbol.asyncDispose]();
  const listed = await listModels({ api: "openai-compatible", baseUrl: server.baseUrl });
  assert.deepEqual(listed, { outcome: "unavailable", reason: "connection refused" });
});
