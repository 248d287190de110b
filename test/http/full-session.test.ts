import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signWebhook } from "../../src/lib/webhook-signature.ts";
import { eventually } from "../turn/eventually.ts";
import { HOOK_SECRET, START_MS, assertProblem, openApp } from "./app-setup.ts";
import type { Answered, AppUnderTest } from "./app-setup.ts";
import { assertOpenAiError, type CompletionBody } from "./openai-setup.ts";

const PATH = "/api/chats/demo/messages";
const LINE = /^2 messages wait for an answer here already, so your last one was not kept\./;

describe("a message for a session in which as many wait as may", () => {
  test("is refused, stored nowhere, and taken under the same id when there is room", async () => {
    await using under = await openApp({ maxSessionWaiting: 2 });
    const say = (id: string) => under.call("POST", PATH, { body: { from: "ada", text: `text ${id}`, id } });
    for (const id of ["1", "2"]) assert.equal((await say(id)).status, 202);
    for (const _again of [1, 2]) {
      const refused = await say("3");
      assertProblem(refused, 429, "session-full");
      assert.match(refused.body.detail, LINE);
      assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    }
    assert.equal((await say("1")).body.duplicate, true, "what is stored is still recognised");
    assert.equal((await under.store.reader.stats()).entries, 2);
    await under.answer("To both.");
    const taken = await say("3");
    assert.deepEqual([taken.status, taken.body.duplicate], [202, undefined]);
  });

  test("does not keep others out, and leaves commands their way", async () => {
    await using under = await openApp({ maxSessionWaiting: 1 });
    const say = (from: string, text: string) => under.call("POST", PATH, { body: { from, text } });
    await say("ada", "one");
    assert.equal((await say("ada", "two")).status, 429);
    assert.equal((await say("bob", "one")).status, 202);
    assert.equal((await say("ada", "/stop")).body.reply, "Dropped 1 message that waited for an answer.");
    assert.equal((await say("ada", "two")).status, 202);
  });

  test("of a hook is refused in the same way, so that its sender delivers it again", async () => {
    await using under = await openApp({ maxSessionWaiting: 1 });
    const deliver = (id: string) => {
      const body = JSON.stringify({ from: "ada", text: `text ${id}` });
      const headers = { "content-type": "application/json", ...signWebhook(HOOK_SECRET, id, body, START_MS) };
      return under.call("POST", "/hooks/crm", { body, headers });
    };
    assert.equal((await deliver("msg_1")).status, 202);
    assertProblem(await deliver("msg_2"), 429, "session-full");
    await under.answer("To one.");
    assert.equal((await deliver("msg_2")).status, 202);
  });

  test("of a client of OpenAI's API is refused in its shape", async () => {
    await using under = await openApp({ maxSessionWaiting: 1 });
    const first = complete(under, ["hello"]);
    await eventually(async () => (await under.store.reader.stats()).entries === 1);
    const refused = await complete(under, ["hello"]);
    assert.match(assertOpenAiError(refused, 429, "session_full"), /Nothing of this call was stored/);
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(refused.headers.get("x-should-retry"), null, "the clients may repeat it by themselves");
    await under.answer("Hello.");
    assert.equal((await first).status, 200);
  });

  test("of several in one call leaves the first ones stored, which a key makes safe to repeat", async () => {
    await using under = await openApp({ maxSessionWaiting: 1 });
    const keyed = await complete(under, ["one", "two"], { "idempotency-key": "k-1" });
    assert.match(assertOpenAiError(keyed, 429, "session_full"), /before it in this call were stored/);
    assert.equal(keyed.headers.get("x-should-retry"), null);
    await under.answer("To one.");
    const again = complete(under, ["one", "two"], { "idempotency-key": "k-1" });
    await eventually(async () => (await under.store.reader.stats()).messages.waiting === 1);
    await under.answer("To two.");
    assert.equal((await again).body.choices[0]?.message.content, "To two.");
    assert.equal((await under.store.reader.stats()).messages.answered, 2);

    const unkeyed = await complete(under, ["three", "four"]);
    assertOpenAiError(unkeyed, 429, "session_full");
    assert.equal(unkeyed.headers.get("x-should-retry"), "false");
  });
});

function complete(
  under: AppUnderTest,
  texts: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered<CompletionBody>> {
  const messages = texts.map((content) => ({ role: "user", content }));
  return under.call<CompletionBody>("POST", "/v1/chat/completions", {
    body: { model: "parlor", user: "ada", messages },
    headers: { "x-session-id": "demo", ...headers },
  });
}
