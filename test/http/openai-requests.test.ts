import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { openApp } from "./app-setup.ts";
import { type CompletionBody, type ErrorBody, assertOpenAiError, complete, respond } from "./openai-setup.ts";

const text = (content: unknown): object[] => [{ role: "user", content }];

describe("what cannot be had is refused, and named", () => {
  const refused: readonly (readonly [endpoint: "chat" | "responses", fields: object, param: string])[] = [
    ["chat", { tools: [{ type: "function", function: { name: "f" } }] }, "tools"],
    ["chat", { functions: [{ name: "f" }] }, "functions"],
    ["chat", { n: 2 }, "n"],
    ["chat", { logprobs: true }, "logprobs"],
    ["chat", { top_logprobs: 3 }, "top_logprobs"],
    ["chat", { modalities: ["text", "audio"] }, "modalities"],
    ["chat", { audio: { voice: "alloy", format: "mp3" } }, "audio"],
    ["chat", { response_format: { type: "json_schema", json_schema: {} } }, "response_format"],
    ["chat", { response_format: { type: "json_object" } }, "response_format"],
    ["chat", { stop: ["END"] }, "stop"],
    ["chat", { web_search_options: {} }, "web_search_options"],
    ["responses", { tools: [{ type: "web_search" }] }, "tools"],
    ["responses", { top_logprobs: 1 }, "top_logprobs"],
    ["responses", { include: ["message.output_text.logprobs"] }, "include"],
    ["responses", { text: { format: { type: "json_schema" } } }, "text.format"],
    ["responses", { background: true }, "background"],
    ["responses", { prompt: { id: "pmpt_1" } }, "prompt"],
  ];
  for (const [endpoint, fields, param] of refused) {
    test(`${endpoint}: ${JSON.stringify(fields)}`, async () => {
      await using under = await openApp();
      const answer =
        endpoint === "chat" ? await complete(under, "hello", fields) : await respond(under, "hello", fields);
      assertOpenAiError(answer, 400, "unsupported_parameter");
      assert.equal(answer.body.error.param, param);
    });
  }
});

test("what only tunes an answer, and what is not known, is let through", async () => {
  await using under = await openApp();
  const tuned = { temperature: 0.2, top_p: 0.9, seed: 1, metadata: { a: "b" }, store: false, prompt_cache_key: "x" };
  const chat = { max_tokens: 5, n: 1, tools: [], tool_choice: "none", stop: null, logprobs: false, top_logprobs: 0 };
  const harmless = { response_format: { type: "text" }, modalities: ["text"], stream_options: null, unheard_of: [1] };
  assert.equal((await complete(under, "hello", { ...tuned, ...chat, ...harmless })).status, 200);
  const responses = { max_output_tokens: 5, tools: [], text: { format: { type: "text" } }, reasoning: {}, include: [] };
  assert.equal((await respond(under, "hello", { ...tuned, ...responses, truncation: "auto" })).status, 200);
});

describe("a message that cannot be taken is refused before anything is stored", () => {
  const image = (url: unknown): object => ({ type: "image_url", image_url: { url } });
  const bad: readonly (readonly [what: string, messages: readonly object[], code: string, param: string])[] = [
    ["none", [], "no_user_message", "messages"],
    ["none of a user", [{ role: "system", content: "Be kind." }], "no_user_message", "messages"],
    ["none behind the last answer", [...text("a"), { role: "assistant", content: "b" }], "no_user_message", "messages"],
    ["a blank one", [...text("a"), ...text(" \n")], "invalid_value", "messages.1.content"],
    ["an empty one", text(null), "invalid_value", "messages.0.content"],
    ["one without parts", text([]), "invalid_value", "messages.0.content"],
    ["a long one", text("x".repeat(100_001)), "invalid_value", "messages.0.content"],
    ["a tool's", [{ role: "tool", content: "42" }], "unsupported_role", "messages.0.role"],
    ["a function's", [...text("a"), { role: "function", content: "42" }], "unsupported_role", "messages.1.role"],
    ["sound", text([{ type: "input_audio", input_audio: {} }]), "invalid_value", "messages.0.content.0.type"],
    ["text that is none", text([{ type: "text", text: 1 }]), "invalid_value", "messages.0.content.0.text"],
    ["a file inside", text([image("data:image/png;base64,AAAA")]), "invalid_value", "messages.0.content.0.image_url"],
    ["a local file", text([image("file:///etc/passwd")]), "invalid_value", "messages.0.content.0.image_url"],
    ["no address", text([image("not a url")]), "invalid_value", "messages.0.content.0.image_url"],
    [
      "an uploaded file",
      text([{ type: "file", file: { file_id: "f" } }]),
      "invalid_value",
      "messages.0.content.0.file_url",
    ],
    ["parts without a type", text([{}]), "invalid_request", "messages.0.content"],
    ["a number", text(42), "invalid_request", "messages.0.content"],
    ["too many", Array.from({ length: 101 }, () => text("a")).flat(), "too_many_messages", "messages"],
  ];
  for (const [what, messages, code, param] of bad) {
    test(what, async () => {
      await using under = await openApp();
      for (const fields of [{}, { user: "ada" }]) {
        const answer = await complete(under, messages, fields);
        assertOpenAiError(answer, 400, code);
        assert.equal(answer.body.error.param, param);
      }
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  test("an item of the input that is no message", async () => {
    await using under = await openApp();
    const answer = await respond(under, [{ type: "function_call_output", call_id: "c", output: "42" }]);
    assertOpenAiError(answer, 400, "unsupported_role");
  });
});

describe("a request that is not one", () => {
  test("is answered in OpenAI's shape, whatever is wrong", async () => {
    await using under = await openApp({ token: "secret", maxBodyBytes: 1_000 });
    const headers = { authorization: "Bearer secret" };
    const post = (init: object): ReturnType<typeof under.call<ErrorBody>> =>
      under.call<ErrorBody>("POST", "/v1/chat/completions", { headers, ...init });
    const hello = { model: "parlor", messages: text("hello") };
    assertOpenAiError(await post({ body: hello, headers: {} }), 401, "invalid_api_key");
    assertOpenAiError(await post({ body: hello, headers: { ...headers, host: "evil.test" } }), 400, "foreign_host");
    assertOpenAiError(await post({ body: "{}", headers }), 415, "unsupported_media_type");
    assertOpenAiError(await post({ body: { ...hello, x: "x".repeat(1_000) } }), 413, "too_large");
    assertOpenAiError(await under.call("GET", "/v1/chat/completions", { headers }), 404, "unknown_url");
    assertOpenAiError(await under.call("POST", "/v1/embeddings", { headers, body: {} }), 404, "unknown_url");
    assertOpenAiError(await post({ body: { messages: [] } }), 400, "invalid_request");
    assertOpenAiError(await post({ body: [] }), 400, "invalid_request");
    assertOpenAiError(await post({ body: { ...hello, model: "gpt-4o" } }), 404, "model_not_found");
    assertOpenAiError(
      await post({ body: hello, headers: { ...headers, "idempotency-key": "" } }),
      400,
      "invalid_value",
    );
    const long = { ...headers, "x-session-id": "x".repeat(257) };
    assert.match(assertOpenAiError(await post({ body: hello, headers: long }), 400, "invalid_request"), /chat id/);
    assertOpenAiError(await post({ body: { ...hello, user: "" } }), 400, "invalid_request");
    const accented = { ...headers, "x-session-id": "caf\u00e9" };
    assert.match(assertOpenAiError(await post({ body: hello, headers: accented }), 400, "invalid_value"), /ASCII/);
    assertOpenAiError(await under.call("GET", "/v1/models/%ff", { headers }), 400, "invalid_request");
  });

  test("that is wrong in many places names the first ones, and counts the rest", async () => {
    await using under = await openApp();
    const answer = await complete(
      under,
      Array.from({ length: 5_000 }, () => ({ role: 7 })),
    );
    const message = assertOpenAiError(answer, 400, "invalid_request");
    assert.match(message, /messages\.0\.role: Expected a string.*messages\.9\.role.*; and 4990 more$/);
    assert.doesNotMatch(message, /messages\.10\./);
  });

  test("that nobody foresaw tells nothing", async () => {
    const fault = new Error("hunter2");
    await using under = await openApp({ ports: () => ({ receive: () => Promise.reject(fault) }) });
    assert.doesNotMatch(assertOpenAiError(await complete(under, "hello", { user: "ada" }), 500, "internal"), /hunter2/);
    assert.deepEqual(under.faults, [fault]);
  });
});

test("the agents are listed as models, and parlor is the one that answers", async () => {
  await using under = await openApp({ agent: createFakeAgent({ name: "sage" }) });
  const sage = { id: "sage", object: "model", created: 0, owned_by: "parlor" };
  const { body } = await under.call<object>("GET", "/v1/models");
  assert.deepEqual(body, { object: "list", data: [sage] });
  assert.deepEqual((await under.call<object>("GET", "/v1/models/sage")).body, sage);
  assert.deepEqual((await under.call<object>("GET", "/v1/models/parlor")).body, { ...sage, id: "parlor" });
  const missing = await under.call<CompletionBody>("GET", "/v1/models/gpt-4o");
  assert.match(assertOpenAiError(missing, 404, "model_not_found"), /there is "sage", "parlor"/);
});
