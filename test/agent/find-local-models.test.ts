import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { findLocalModels } from "../../src/agent/find-local-models.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";

const never = new AbortController().signal;

/** The base URL of a server that answers like this. */
async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("what answers is found with the models that can talk, in the order that was asked", async () => {
  await using ollama = await openFakeOpenAI({ models: ["nomic-embed-text", "llama3.2", "qwen3:8b"] });
  await using studio = await openFakeOpenAI({ models: ["whisper-large", "bge-Reranker-v2"] });
  const endpoints = [
    { name: "LM Studio", baseUrl: studio.baseUrl },
    { name: "Ollama", baseUrl: ollama.baseUrl },
  ];
  assert.deepEqual(await findLocalModels(endpoints, never), [
    { name: "Ollama", baseUrl: ollama.baseUrl, models: ["llama3.2", "qwen3:8b"] },
  ]);
});

test("what answers with something else, refuses, points elsewhere or is not there is left out", async (t) => {
  await using elsewhere = await openFakeOpenAI({ models: ["a"] });
  const gone = await openFakeOpenAI();
  await gone[Symbol.asyncDispose]();
  const answers: readonly RequestListener[] = [
    (_, response) => response.end("<h1>It works!</h1>"),
    (_, response) => response.end('{"data":"none"}'),
    (_, response) => response.writeHead(500).end("{}"),
    (_, response) => response.writeHead(302, { location: `${elsewhere.baseUrl}/models` }).end(),
    (_, response) => response.destroy(),
  ];
  const urls = [gone.baseUrl, ...(await Promise.all(answers.map((answer) => serve(t, answer))))];
  const endpoints = urls.map((baseUrl) => ({ name: "Ollama", baseUrl }));
  assert.deepEqual(await findLocalModels(endpoints, never), []);
  assert.deepEqual(elsewhere.requests, []);
});

test("what never answers is left out when the time is over, and what has answered is not", async (t) => {
  await using ollama = await openFakeOpenAI({ models: ["llama3.2"] });
  const over = new AbortController();
  const silent = await serve(t, () => over.abort());
  const endpoints = [{ name: "Ollama", baseUrl: silent }];
  assert.deepEqual(await findLocalModels(endpoints, over.signal), []);
  assert.equal(over.signal.aborted, true);
  assert.equal((await findLocalModels([{ name: "Ollama", baseUrl: ollama.baseUrl }], never)).length, 1);
});
