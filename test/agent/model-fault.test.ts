import assert from "node:assert/strict";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { after, before, test } from "node:test";
import { AgentError } from "../../src/agent/agent.ts";
import { createModelAgent } from "../../src/agent/model.ts";
import type { FakeModelAnswer, FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { agentTurn, partsOf } from "./agent-turn.ts";

const KEY = "sk-very-secret-key";
const WORDS = "the words of a person";

let server: FakeModelServer;

before(async () => {
  server = await openFakeOpenAI();
});
after(() => server[Symbol.asyncDispose]());

/** The fault of one turn, after a look that neither the key nor what was said is anywhere in it. */
async function faultOf(
  endpoint: { readonly baseUrl?: string; readonly apiKey?: string } = {},
  model = "small",
): Promise<AgentError> {
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl, apiKey: KEY, ...endpoint },
    model,
  });
  const error: unknown = await partsOf(agent, agentTurn(WORDS)).then(
    () => assert.fail("the agent answered"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AgentError, inspect(error));
  const everything = inspect(error, { depth: 20, showHidden: true });
  assert.equal(everything.includes(KEY), false, "the key");
  assert.equal(everything.includes(WORDS), false, "what was said");
  return error;
}

async function faultAfter(answer: FakeModelAnswer): Promise<AgentError> {
  server.next(answer);
  return faultOf();
}

test("an endpoint that is down is named, with what to do", async () => {
  const unused = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => unused.once("listening", resolve));
  const { port } = unused.address() as { port: number };
  await new Promise((resolve) => unused.close(resolve));
  const error = await faultOf({ baseUrl: `http://127.0.0.1:${port}/v1/` });
  assert.equal(
    error.message,
    `No answer from http://127.0.0.1:${port}/v1 (connection refused). ` +
      "Is the model server running? Start it, or set OPENAI_BASE_URL to where it listens.",
  );
  assert.equal(error.retryable, true);
});

test("a port that fetch does not open is told apart from an answer", async () => {
  const { message } = await faultOf({ baseUrl: "http://127.0.0.1:6000/v1" });
  assert.match(message, /^No answer from http:\/\/127.0.0.1:6000\/v1 \(a port that is not opened for HTTP\)\./);
});

test("an endpoint that hangs up before it answers is named", async () => {
  const error = await faultAfter("cut");
  assert.match(error.message, /^No answer from http:\/\/127.* \(connection closed\)\./);
  assert.equal(error.retryable, true);
});

test("an unknown model is answered with the models there are", async () => {
  const error = await faultOf({}, "gpt-9");
  assert.equal(
    error.message,
    `${server.baseUrl} has no model "gpt-9" (404, model_not_found, invalid_request_error); it has small, large. ` +
      "Set PARLOR_MODEL to one of them.",
  );
  assert.equal(error.retryable, false);
});

test("an unknown model that is refused in other words is recognised", async () => {
  const body = { error: { message: "google/gemma-9 is not a valid model ID", code: 400 } };
  server.next({ status: 400, body });
  assert.match(
    (await faultOf({}, "google/gemma-9")).message,
    /has no model "google\/gemma-9" \(400\); it has small, large\./,
  );
});

test("at most ten models are listed", async () => {
  await using many = await openFakeOpenAI({ models: Array.from({ length: 12 }, (_, index) => `m${index}`) });
  const error = await faultOf({ baseUrl: many.baseUrl });
  assert.match(error.message, /it has m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 2 more\./);
});

test("an endpoint without a model says so", async () => {
  await using none = await openFakeOpenAI({ models: [] });
  assert.match((await faultOf({ baseUrl: none.baseUrl })).message, /it has none yet\. Load one there first\./);
});

test("an address that is not a model API is named", async () => {
  const error = await faultOf({ baseUrl: server.baseUrl.replace("/v1", "") });
  assert.equal(
    error.message,
    `There is no model API at ${server.baseUrl.replace("/v1", "")} (404, not_found, invalid_request_error). ` +
      "Set OPENAI_BASE_URL to its address; many end in /v1.",
  );
  assert.equal(error.retryable, false);
});

test("a key that is not accepted is not shown, and the variable that holds it is named", async () => {
  await using locked = await openFakeOpenAI({ apiKey: "another" });
  const error = await faultOf({ baseUrl: locked.baseUrl });
  assert.equal(
    error.message,
    `${locked.baseUrl} did not accept the API key (401, invalid_api_key, invalid_request_error). ` +
      "Set OPENAI_API_KEY to one that may use it.",
  );
  assert.equal(error.retryable, false);
});

test("a missing key is told apart from a wrong one", async () => {
  await using locked = await openFakeOpenAI({ apiKey: "another" });
  const error = await faultOf({ baseUrl: locked.baseUrl, apiKey: "" });
  assert.match(error.message, /wants an API key \(401.*\)\. Set OPENAI_API_KEY\.$/);
});

test("a key that an endpoint repeats as a code is not shown", async () => {
  const error = await faultAfter({ status: 400, body: { error: { message: KEY, code: KEY } } });
  assert.match(error.message, /\(400, \[key\]\)/);
});

test("too many requests are worth another attempt, at the time the endpoint asks for", async () => {
  const body = { error: { message: "Slow down.", code: "rate_limit_exceeded" } };
  const error = await faultAfter({ status: 429, body, headers: { "retry-after": "7" } });
  assert.equal(error.message, `${server.baseUrl} answers no more requests for now (429, rate_limit_exceeded).`);
  assert.equal(error.retryable, true);
  assert.equal(error.retryAfterMs, 7_000);
  assert.equal((await faultAfter({ status: 429 })).retryAfterMs, null);
  for (const headers of [{ "retry-after": "Wed, 21 Oct 2099 07:28:00 GMT" }, { "retry-after-ms": "1e300" }]) {
    assert.equal((await faultAfter({ status: 429, headers })).retryAfterMs, 3_600_000, "an hour is the most");
  }
});

test("an account without credit is not worth another attempt", async () => {
  const body = { error: { message: "You exceeded your current quota.", code: "insufficient_quota" } };
  const error = await faultAfter({ status: 429, body });
  assert.match(error.message, /has no credit left \(429, insufficient_quota\)/);
  assert.equal(error.retryable, false);
});

test("a fault of the server is worth another attempt", async () => {
  const error = await faultAfter({ status: 500, body: { error: { message: WORDS, type: "server_error" } } });
  assert.equal(error.message, `${server.baseUrl} failed (500, server_error).`);
  assert.equal(error.retryable, true);
  assert.equal((await faultAfter({ status: 503, body: "<html>" })).retryable, true);
});

test("a request that is not accepted is not repeated, and what was said is not quoted", async () => {
  const error = await faultAfter({
    status: 400,
    body: { error: { message: `bad input: ${WORDS}`, code: "bad_input" } },
  });
  assert.equal(error.message, `${server.baseUrl} did not accept the request (400, bad_input). Its own log says why.`);
  assert.equal(error.retryable, false);
});

for (const error of [
  { message: "This model's maximum context length is 8192 tokens.", code: "context_length_exceeded" },
  { message: "the request exceeds the available context size", type: "exceed_context_size_error" },
]) {
  test(`a conversation that is too long is not repeated (${error.message})`, async () => {
    const fault = await faultAfter({ status: 400, body: { error } });
    assert.match(fault.message, /^The conversation is too long for the model "small" \(400/);
    assert.equal(fault.retryable, false);
  });
}

test("an answer that breaks off is worth another attempt", async () => {
  const cut = await faultAfter({ steps: [{ text: "one" }, { delayMs: 5 }, "cut"] });
  assert.equal(cut.message, `The answer from ${server.baseUrl} ended before it was complete.`);
  assert.equal(cut.retryable, true);
});

test("a fault that is told in the middle of an answer is worth another attempt", async () => {
  const error = await faultAfter({ steps: [{ text: "one" }, { error: { message: WORDS, type: "overloaded" } }] });
  assert.equal(error.message, `${server.baseUrl} failed (overloaded).`);
  assert.equal(error.retryable, true);
});

test("an answer in no known form is a fault, and is not quoted", async () => {
  const error = await faultAfter({ steps: [{ raw: `data: {"choices": "${WORDS}"}\n\n` }] });
  assert.equal(error.message, `${server.baseUrl} answered something that is not a stream of a chat model.`);
  const garbage = await faultAfter({ steps: [{ raw: `data: ${WORDS}\n\n` }] });
  assert.equal(garbage.message, error.message);
});

test("a fault is one line", async () => {
  const error = await faultAfter({ status: 500, body: { error: { message: "a\nb", code: "a\nb" } } });
  assert.equal(error.message, `${server.baseUrl} failed (500).`);
});
