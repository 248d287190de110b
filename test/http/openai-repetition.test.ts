import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { openApp } from "./app-setup.ts";
import { answered, assertOpenAiError, complete, saidIn, waiting } from "./openai-setup.ts";

const user = (content: unknown): object => ({ role: "user", content });

describe("an Idempotency-Key", () => {
  const key = (name: string): Readonly<Record<string, string>> => ({ "idempotency-key": name });

  test("makes a repetition start nothing and get the same answer", async () => {
    await using under = await openApp();
    const twice = [user("one"), user("two")];
    const first = await answered(under, complete(under, twice, { user: "ada" }, key("k")), "ok");
    under.clock.advance(60_000);
    const again = await complete(under, twice, { user: "ada" }, key("k"));
    assert.deepEqual(again.body, first);
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["one", "two"]);
  });

  test("picks up a reply that was not waited for", async () => {
    await using under = await openApp();
    const left = new AbortController();
    const body = { model: "parlor", user: "ada", messages: [user("hello")] };
    const gone = under.call("POST", "/v1/chat/completions", { body, headers: key("k"), signal: left.signal });
    await waiting(under);
    left.abort();
    assert.equal((await gone).status, 503);
    const again = complete(under, "hello", { user: "ada" }, key("k"));
    assert.equal((await answered(under, again, "Hello.")).choices[0]?.message.content, "Hello.");
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["hello"]);
    assert.deepEqual(under.faults, []);
  });

  test("with another body is a conflict, and nothing of it is stored", async () => {
    await using under = await openApp();
    await answered(under, complete(under, [user("one"), user("two")], { user: "ada" }, key("k")), "ok");
    for (const said of [["one"], ["one", "two", "three"], ["one", "three"], ["zero", "two"]]) {
      const answer = await complete(under, said.map(user), { user: "ada" }, key("k"));
      assertOpenAiError(answer, 409, "idempotency_conflict");
      assert.equal(answer.headers.get("x-should-retry"), "false");
    }
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["one", "two"]);
  });

  test("with another body is a conflict also where commands leave no trace", async () => {
    await using under = await openApp();
    await answered(under, complete(under, [user("/status"), user("one")], { user: "ada" }, key("k")), "ok");
    for (const said of [
      ["/status", "one", "two"],
      ["zero", "one"],
    ]) {
      const answer = await complete(under, said.map(user), { user: "ada" }, key("k"));
      assertOpenAiError(answer, 409, "idempotency_conflict");
    }
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["one"]);
  });

  test("is the sender's own, and no id of a message", async () => {
    await using under = await openApp();
    await answered(under, complete(under, "mine", { user: "ada" }, { ...key("k"), "x-session-id": "tea" }), "ok");
    await answered(under, complete(under, "his", { user: "bob" }, { ...key("k"), "x-session-id": "tea" }), "ok");
    const { status } = await under.call("POST", "/api/chats/tea/messages", {
      body: { from: "ada", text: "other", id: "k" },
    });
    assert.equal(status, 202);
  });

  test("of an erased session is gone", async () => {
    await using under = await openApp();
    const call = complete(under, "hello", { user: "ada" }, key("k"));
    await answered(under, call, "ok");
    await under.store.erase((await call).headers.get("x-parlor-session") ?? "");
    assertOpenAiError(await complete(under, "hello", { user: "ada" }, key("k")), 410, "gone");
  });

  test("is missing: every call is new", async () => {
    await using under = await openApp();
    for (const reply of ["one", "two"]) await answered(under, complete(under, "hello", { user: "ada" }), reply);
    assert.deepEqual(await saidIn(under, "ada", "ada"), ["hello", "hello"]);
  });
});

test("a call that may be stored or not is repeated by a client itself only under a key", async () => {
  const full = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });
  await using under = await openApp({ ports: () => ({ receive: () => Promise.reject(full) }) });
  for (const [headers, mayRetry] of [
    [{}, "false"],
    [{ "idempotency-key": "k" }, null],
  ] as const) {
    const answer = await complete(under, "hello", { user: "ada" }, headers);
    assertOpenAiError(answer, 503, "unavailable");
    assert.deepEqual([answer.headers.get("retry-after"), answer.headers.get("x-should-retry")], ["1", mayRetry]);
  }
});
