import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { openApp } from "./app-setup.ts";
import type { Answered, AppUnderTest } from "./app-setup.ts";
import { answered, answerNext, assertOpenAiError, complete, respond, saidIn } from "./openai-setup.ts";
import type { ResponseBody } from "./openai-setup.ts";

const key = (name: string): Readonly<Record<string, string>> => ({ "idempotency-key": name });

/** A stored response to what is said, in the chat `tea` unless said otherwise. */
function stored(under: AppUnderTest, text: string, fields: object = { conversation: "tea" }): Promise<ResponseBody> {
  return answered(under, respond(under, text, fields), `re: ${text}`);
}

function continuing(
  under: AppUnderTest,
  previous: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered<ResponseBody>> {
  return respond(under, text, { previous_response_id: previous }, headers);
}

describe("a response", () => {
  test("is stored where a conversation is addressed, and says so", async () => {
    await using under = await openApp();
    const { id, store, status, conversation, output } = await stored(under, "hello");
    assert.deepEqual([store, status, conversation], [true, "completed", { id: "tea" }]);
    assert.equal(output[0]?.content[0]?.text, "re: hello");
    assert.match(id, /^resp_[0-9a-z]{26}_1$/);
    assert.deepEqual(await saidIn(under, "tea"), ["hello"]);
  });

  test("is stored with what comes behind a reference to what the agent said", async () => {
    await using under = await openApp();
    const { output } = await stored(under, "hello");
    const said = { type: "item_reference", id: output[0]?.id };
    const input = [{ role: "user", content: "hello" }, said, { role: "user", content: "again" }];
    await answered(under, respond(under, input, { conversation: "tea" }), "ok");
    assert.deepEqual(await saidIn(under, "tea"), ["hello", "again"]);
    const passing = await respond(under, input);
    assert.match(assertOpenAiError(passing, 400, "invalid_value"), /not stored/);
    assert.equal(passing.body.error.param, "input.1");
  });

  test("goes to the agent itself where none is, with instructions and history", async () => {
    const agent = createFakeAgent();
    await using under = await openApp({ agent });
    const input = [
      { role: "developer", content: "Be brief." },
      { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "hi" }] },
      { role: "user", content: "again" },
    ];
    const { body, headers } = await respond(under, input, { instructions: "Be kind." });
    assert.deepEqual([body.store, body.conversation, body.instructions], [false, null, "Be kind."]);
    assert.equal(headers.get("x-parlor-stored"), "false");
    const { turn } = await agent.started(1);
    assert.equal(turn.instructions, "Be kind.\n\nBe brief.");
    assert.deepEqual(
      [...turn.transcript, ...turn.messages].map(({ role, text }) => `${role} ${text}`),
      ["user hello", "assistant hi", "user again"],
    );
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("is stored in a conversation of its own where that is asked for, the same one under the same key", async () => {
    await using under = await openApp();
    const call = respond(under, "hello", { store: true }, key("k"));
    const first = await answered(under, call, "ok");
    const again = await respond(under, "hello", { store: true }, key("k"));
    assert.deepEqual(again.body, first);
    const other = await stored(under, "hello", { store: true });
    assert.notEqual(other.conversation?.id, first.conversation?.id);
    assert.equal((await under.store.reader.stats()).sessions, 2);
  });

  test("of which nothing may be kept is not addressed by the person alone, and cannot name a conversation", async () => {
    await using under = await openApp();
    assert.equal((await respond(under, "hello", { store: false, user: "ada" })).body.store, false);
    const { id } = await stored(under, "hello");
    for (const fields of [{ conversation: "tea" }, { previous_response_id: id }]) {
      const answer = await respond(under, "hello", { store: false, ...fields });
      assert.equal(answer.body.error.param, "store");
      assertOpenAiError(answer, 400, "invalid_value");
    }
  });

  test("to a command leads nowhere", async () => {
    await using under = await openApp();
    const { body } = await respond(under, "/help", { conversation: "tea" });
    assert.deepEqual([body.store, body.status], [false, "completed"]);
    assertOpenAiError(await continuing(under, body.id, "hello"), 404, "previous_response_not_found");
  });
});

describe("previous_response_id", () => {
  test("continues the conversation of its response, whatever the chat was called", async () => {
    await using under = await openApp();
    const first = await stored(under, "one", { conversation: "tea ☕", user: "ada" });
    const call = continuing(under, first.id, "two");
    const second = await answered(under, call, "ok");
    assert.deepEqual([second.previous_response_id, second.conversation], [first.id, { id: "tea ☕" }]);
    assert.deepEqual(await saidIn(under, encodeURIComponent("tea ☕"), "ada"), ["one", "two"]);
  });

  test("cannot stand beside a conversation, nor beside another chat or person", async () => {
    await using under = await openApp();
    const { id } = await stored(under, "one", { conversation: "tea", user: "ada" });
    const both = await respond(under, "two", { previous_response_id: id, conversation: "tea" });
    assertOpenAiError(both, 400, "mutually_exclusive_parameters");
    const elsewhere = await continuing(under, id, "two", { "x-session-id": "coffee" });
    assertOpenAiError(elsewhere, 400, "mismatched_conversation");
    const somebody = await respond(under, "two", { previous_response_id: id, user: "bob" });
    assertOpenAiError(somebody, 400, "mismatched_conversation");
    const fields = { previous_response_id: id, user: "ada" };
    await answered(under, respond(under, "two", fields, { "x-session-id": "tea" }), "ok");
  });

  test("of a response that never was is not found, nor one of another platform", async () => {
    await using under = await openApp({ demoHook: true });
    const { id } = await stored(under, "one");
    const hook = { body: { from: "ada", text: "hello" }, bindings: { peer: "::1" } };
    const { body } = await under.call("POST", "/hooks/demo", hook);
    const ofHook = `resp_${body.session.slice(4)}_1`;
    for (const unknown of ["resp_1", "", id.replace(/1$/, "2"), id.replace(/1$/, "99"), `${id}0x`, ofHook]) {
      assertOpenAiError(await continuing(under, unknown, "two"), 404, "previous_response_not_found");
    }
  });

  test("of an erased session is not found, and says why", async () => {
    await using under = await openApp();
    const call = respond(under, "one", { conversation: "tea" });
    const { id } = await answered(under, call, "ok");
    await under.store.erase((await call).headers.get("x-parlor-session") ?? "");
    const message = assertOpenAiError(await continuing(under, id, "two"), 404, "previous_response_not_found");
    assert.match(message, /erased/);
  });

  test("makes no branches, and a repetition under its key is none", async () => {
    await using under = await openApp();
    const first = await stored(under, "one");
    const second = await answered(under, continuing(under, first.id, "two", key("k")), "re: two");
    assertOpenAiError(await continuing(under, first.id, "other"), 400, "not_the_last_response");
    assertOpenAiError(await continuing(under, first.id, "two", key("other")), 400, "not_the_last_response");
    assert.deepEqual((await continuing(under, first.id, "two", key("k"))).body, second);
    assertOpenAiError(await continuing(under, first.id, "changed", key("k")), 409, "idempotency_conflict");
    assert.deepEqual(await saidIn(under, "tea"), ["one", "two"]);
  });

  test("is answered again under its key, also behind a command that leaves no trace", async () => {
    await using under = await openApp();
    const { id } = await stored(under, "one");
    const said = ["/status", "two"].map((content) => ({ role: "user", content }));
    const ask = (): Promise<Answered<ResponseBody>> => respond(under, said, { previous_response_id: id }, key("k"));
    const first = await answered(under, ask(), "ok");
    assert.deepEqual((await ask()).body, first);
  });

  test("makes no branches when two calls come at once", async () => {
    await using under = await openApp();
    const { id } = await stored(under, "one");
    const calls = ["left", "right"].map((text) => continuing(under, id, text));
    await answerNext(under, "ok");
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 400]);
    assert.deepEqual(await saidIn(under, "tea"), ["one", "left"]);
  });

  test("is next to what was said last, also when another call of the conversation comes at once", async () => {
    const looking = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    await using under = await openApp({
      ports: ({ look }) => ({
        look: async (source) => {
          const session = await look(source);
          looking.resolve();
          await looked.promise;
          return session;
        },
      }),
    });
    const { id } = await stored(under, "one");
    const next = continuing(under, id, "two");
    await looking.promise;
    const other = respond(under, "three", { conversation: "tea" });
    await settle();
    assert.equal((await under.store.reader.stats()).messages.waiting, 0);
    looked.resolve();
    await eventually(async () => (await under.store.reader.stats()).messages.waiting === 2);
    await answerNext(under, "ok");
    assert.deepEqual([(await next).status, (await other).status], [200, 200]);
    assert.deepEqual(await saidIn(under, "tea"), ["one", "two", "three"]);
  });

  test("of a conversation that was reset says that it is over", async () => {
    await using under = await openApp();
    const { id } = await stored(under, "one");
    await complete(under, "/new", { conversation: "tea" });
    assertOpenAiError(await continuing(under, id, "two"), 400, "conversation_ended");
    assert.deepEqual(await saidIn(under, "tea"), []);
  });
});
