import assert from "node:assert/strict";
import { describe, test } from "node:test";
import OpenAI from "openai";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { AgentError } from "../../src/agent/agent.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { all, clientOf, keyed, serve } from "./openai-client.ts";

const hello = { model: "parlor", messages: [{ role: "user" as const, content: "Hello there" }] };

/** The chat, where nothing else names one. The client calls it deprecated, and sends it. */
const ADA = { user: "ada" };

/** What the store holds, as the gateway tells it. */
async function statsOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  return (await (await fetch(`${url}/api/stats`)).json()) as Record<string, unknown>;
}

describe("the official client asks for a chat completion", () => {
  test("of the agent itself, whole and streamed, and nothing is stored", async () => {
    await using served = await serve(createEchoAgent());
    const { client, gateway } = served;
    const whole = await client.chat.completions.create(hello);
    assert.equal(whole.choices[0]?.message.content, "Hello there");
    assert.equal(whole.choices[0]?.finish_reason, "stop");
    const stream = await client.chat.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await all(stream);
    assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "Hello there");
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, "stop");
    assert.deepEqual(chunks.at(-1)?.usage, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    const { sessions, entries } = await statsOf(gateway.url);
    assert.deepEqual([sessions, entries], [0, 0]);
  });

  test("of a session, whole and streamed, and the session has the whole conversation", async () => {
    const agent = createFakeAgent({
      script: ({ transcript, messages }) => [`${transcript.length}: `, messages[0]?.text ?? ""],
    });
    await using served = await serve(agent);
    const { client, gateway } = served;
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Be rude." }];
    for (const text of ["one", "two", "three"]) {
      messages.push({ role: "user", content: text });
      const asked = { model: "fake", ...ADA, messages };
      const stream = await client.chat.completions.create({ ...asked, stream: true });
      let content = "";
      for await (const chunk of stream) content += chunk.choices[0]?.delta.content ?? "";
      messages.push({ role: "assistant", content });
    }
    assert.deepEqual(
      messages.filter(({ role }) => role === "assistant").map(({ content }) => content),
      ["0: one", "2: two", "4: three"],
    );
    assert.ok(agent.runs.every(({ turn }) => turn.instructions === null));
    const { data, response } = await client.chat.completions
      .create({ model: "fake", ...ADA, messages: [{ role: "user", content: "four" }] })
      .withResponse();
    assert.equal(data.choices[0]?.message.content, "6: four");
    const session = response.headers.get("x-parlor-session") ?? "";
    const told = await fetch(`${gateway.url}/api/sessions/${session}`);
    assert.equal(((await told.json()) as { lastSeq: number }).lastSeq, 8);
  });

  test("with its own stream helper", async () => {
    await using served = await serve(createEchoAgent());
    const stream = served.client.chat.completions.stream({ ...hello, ...ADA });
    assert.equal(await stream.finalContent(), "Hello there");
  });

  test("and a repetition under its Idempotency-Key is answered the same, and starts nothing", async () => {
    const agent = createFakeAgent();
    await using served = await serve(agent);
    const ask = (): Promise<OpenAI.ChatCompletion> =>
      served.client.chat.completions.create({ ...hello, ...ADA }, keyed("k1"));
    assert.deepEqual(await ask(), await ask());
    assert.equal(agent.runs.length, 1);
    const streamed = await served.client.chat.completions.create({ ...hello, ...ADA, stream: true }, keyed("k1"));
    assert.equal((await all(streamed)).map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "ok");
    assert.equal(agent.runs.length, 1);
  });

  test("and by leaving stops a run of the agent itself, and no turn of a session", async () => {
    const go = Promise.withResolvers<void>();
    const agent = createFakeAgent();
    agent.next(["one ", HANG], ["two ", HANG], ["three ", { wait: go.promise }, "end"]);
    await using served = await serve(agent);
    const { client, gateway } = served;
    const whole = new AbortController();
    const waiting = client.chat.completions.create(hello, { signal: whole.signal });
    const first = await agent.started(1);
    whole.abort();
    await assert.rejects(waiting, OpenAI.APIUserAbortError);
    assert.equal(await first.ended, "aborted");

    const stream = await client.chat.completions.create({ ...hello, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content === "two ") break;
    assert.equal(await (await agent.started(2)).ended, "aborted");

    const stored = await client.chat.completions.create({ ...hello, ...ADA, stream: true }, keyed("k"));
    for await (const { choices } of stored) if (choices[0]?.delta.content === "three ") break;
    go.resolve();
    assert.equal(await (await agent.started(3)).ended, "finished");
    const reply = await client.chat.completions.create({ ...hello, ...ADA }, keyed("k"));
    assert.equal(reply.choices[0]?.message.content, "three end");
    assert.equal((await statsOf(gateway.url))["sessions"], 1);
  });
});

describe("the official client asks for a response", () => {
  test("of the agent itself, whole and streamed, and nothing is stored", async () => {
    await using served = await serve(createEchoAgent());
    const { client, gateway } = served;
    const whole = await client.responses.create({ model: "parlor", input: "Hello there", instructions: "Be kind." });
    assert.deepEqual([whole.output_text, whole.status, whole.instructions], ["Hello there", "completed", "Be kind."]);
    assert.equal((whole as { store?: boolean }).store, false);
    const stream = await client.responses.create({ model: "parlor", input: "Hello there", stream: true });
    const events = await all(stream);
    assert.deepEqual(
      events.map(({ type }) => type.replace("response.", "")),
      [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
      ],
    );
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, index) => index),
    );
    assert.equal((await statsOf(gateway.url))["sessions"], 0);
  });

  test("that continues the one before, and another in a conversation by name", async () => {
    const agent = createFakeAgent({
      script: ({ transcript, messages }) => [`${transcript.length}: `, messages[0]?.text ?? ""],
    });
    await using served = await serve(agent);
    const { client } = served;
    const first = await client.responses.create({ model: "fake", input: "one", store: true });
    const second = await client.responses.create({ model: "fake", input: "two", previous_response_id: first.id });
    assert.deepEqual([first.output_text, second.output_text], ["0: one", "2: two"]);
    assert.equal(second.previous_response_id, first.id);
    assert.equal(second.conversation?.id, first.conversation?.id);
    const named = await client.responses.create({ model: "fake", input: "three", conversation: "tea" });
    const again = await client.responses.create({ model: "fake", input: "four", conversation: { id: "tea" } });
    assert.deepEqual([named.output_text, again.output_text], ["0: three", "2: four"]);
    await assert.rejects(
      client.responses.create({ model: "fake", input: "branch", previous_response_id: first.id }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === "not_the_last_response",
    );
  });

  test("with its own stream helper, from a session", async () => {
    await using served = await serve(
      createFakeAgent({ script: () => ["Hel", "lo", { type: "usage", model: "m", inputTokens: 5, outputTokens: 2 }] }),
    );
    const stream = served.client.responses.stream({ model: "parlor", input: "hi", conversation: "tea" });
    const deltas: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => void deltas.push(delta));
    const response = await stream.finalResponse();
    assert.equal(deltas.join(""), "Hello");
    assert.deepEqual([response.output_text, response.usage?.total_tokens], ["Hello", 7]);
  });

  test("that fails, and hears of it in the stream", async () => {
    const agent = createFakeAgent();
    agent.next([{ fail: new AgentError("The model is gone.", { retryable: false }) }]);
    await using served = await serve(agent);
    const events = await all(await served.client.responses.create({ model: "parlor", input: "hi", stream: true }));
    const failed = events.at(-1);
    assert.ok(failed?.type === "response.failed");
    assert.deepEqual(failed.response.error, { code: "server_error", message: "The model is gone." });
  });
});

describe("the official client", () => {
  test("lists the agents", async () => {
    await using served = await serve(createFakeAgent({ name: "qwen/qwen3:4b" }));
    const { client } = served;
    assert.deepEqual(
      (await all(client.models.list())).map(({ id }) => id),
      ["qwen/qwen3:4b"],
    );
    assert.equal((await client.models.retrieve("qwen/qwen3:4b")).id, "qwen/qwen3:4b");
    assert.equal((await client.models.retrieve("parlor")).id, "parlor");
    await assert.rejects(client.models.retrieve("gpt-4o"), OpenAI.NotFoundError);
  });

  test("throws its own classes of errors", async () => {
    const agent = createFakeAgent({ script: () => [{ fail: new AgentError("No.", { retryable: false }) }] });
    await using served = await serve(agent);
    const { client } = served;
    const ask = (fields: object): Promise<unknown> => client.chat.completions.create({ ...hello, ...fields });
    const continues = { model: "parlor", input: "x", previous_response_id: "resp_1" };
    for (const [call, type, code, param] of [
      [() => ask({ model: "gpt-4o" }), OpenAI.NotFoundError, "model_not_found", "model"],
      [() => ask({ n: 2 }), OpenAI.BadRequestError, "unsupported_parameter", "n"],
      [() => ask({ messages: [] }), OpenAI.BadRequestError, "no_user_message", "messages"],
      [() => ask({}), OpenAI.InternalServerError, "agent_failed", null],
      [() => ask({ ...ADA }), OpenAI.InternalServerError, "turn_failed", null],
      [
        () => client.responses.create(continues),
        OpenAI.NotFoundError,
        "previous_response_not_found",
        "previous_response_id",
      ],
    ] as const) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof type, String(error));
        assert.deepEqual([error.code, error.param], [code, param]);
        return true;
      });
    }
    const stream = await client.chat.completions.create({ ...hello, stream: true });
    await assert.rejects(all(stream), (error) => error instanceof OpenAI.APIError && error.code === "agent_failed");
  });

  test("hears of a key that came before with another body", async () => {
    await using served = await serve(createFakeAgent());
    const { completions } = served.client.chat;
    await completions.create({ ...hello, ...ADA }, keyed("k"));
    const other = [{ role: "user" as const, content: "other" }];
    await assert.rejects(completions.create({ ...hello, ...ADA, messages: other }, keyed("k")), OpenAI.ConflictError);
  });

  test("needs the token where one is set", async () => {
    const token = "0123456789abcdef0123456789abcdef";
    await using gateway = await startGateway(
      await configOf(scratchFolder(), { answers: createEchoAgent(), token: createSecret(token) }),
    );
    await assert.rejects(clientOf(gateway.url, "wrong").models.list(), OpenAI.AuthenticationError);
    assert.equal((await clientOf(gateway.url, token).models.list()).data.length, 1);
  });
});
