import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../turn/eventually.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { Answered } from "./app-setup.ts";

const PATH = "/api/chats/tea/messages";

describe("POST /api/chats/{chat}/messages", () => {
  test("stores a message and says where", async () => {
    await using under = await openApp();
    const { status, body } = await under.call("POST", PATH, { body: { from: "ada", text: "hello" } });
    assert.equal(status, 202);
    assert.deepEqual(body, { session: body.session, seq: 1 });
    const { items } = await under.store.reader.transcript(body.session);
    assert.deepEqual(
      items.map(({ text, sender }) => [text, sender]),
      [["hello", { id: "ada", name: null }]],
    );
  });

  test("each person of a chat has a session of their own", async () => {
    await using under = await openApp();
    const ada = await under.call("POST", PATH, { body: { from: "ada", text: "hello" } });
    const bob = await under.call("POST", PATH, { body: { from: "bob", text: "hello" } });
    assert.notEqual(ada.body.session, bob.body.session);
  });

  test("the chat is what its encoded name says", async () => {
    await using under = await openApp();
    const { body } = await under.call("POST", "/api/chats/a%2Fb%20%C3%BC/messages", {
      body: { from: "ada", text: "hello" },
    });
    const found = await under.store.reader.get(body.session);
    assert.ok(found.outcome === "found");
    assert.equal(found.session.source.chat, "a/b ü");
  });

  test("a redelivery says where the message went", async () => {
    await using under = await openApp();
    const first = await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } });
    const second = await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } });
    assert.equal(second.status, 202);
    assert.deepEqual(second.body, { ...first.body, duplicate: true });
  });

  test("the same id of another sender is another message", async () => {
    await using under = await openApp();
    await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } });
    const bob = await under.call("POST", PATH, { body: { from: "bob", text: "something else", id: "1" } });
    assert.equal(bob.status, 202);
    assert.equal("duplicate" in bob.body, false);
  });

  for (const [what, from, id] of [
    ["the longest there are", "f".repeat(256), "i".repeat(256)],
    ["full of quotes", '"'.repeat(200), "\\".repeat(200)],
    ["with a character that cannot be seen", "ada", "\u007f"],
  ] as const) {
    test(`an id and its sender's id may be ${what}`, async () => {
      await using under = await openApp();
      const send = (text: string, messageId: string): Promise<Answered> =>
        under.call("POST", PATH, { body: { from, text, id: messageId } });
      const first = await send("hello", id);
      assert.equal(first.status, 202);
      assert.deepEqual((await send("hello", id)).body, { ...first.body, duplicate: true });
      assert.equal((await send("hello", id.slice(1) || "x")).body.seq, 2);
    });
  }

  test("the same id with another body is a conflict", async () => {
    await using under = await openApp();
    await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } });
    assertProblem(await under.call("POST", PATH, { body: { from: "ada", text: "bye", id: "1" } }), 409, "conflict");
  });

  test("a redelivery of erased words is gone", async () => {
    await using under = await openApp();
    const { body } = await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } });
    await under.call("DELETE", `/api/sessions/${body.session}`);
    assertProblem(await under.call("POST", PATH, { body: { from: "ada", text: "hello", id: "1" } }), 410, "gone");
  });
});

describe("waiting for the reply", () => {
  test("answers with it", async () => {
    await using under = await openApp();
    const waiting = under.call("POST", `${PATH}?wait=30`, { body: { from: "ada", text: "hello" } });
    await settle();
    await under.answer("Hello, Ada.");
    const { status, body } = await waiting;
    assert.equal(status, 200);
    assert.deepEqual(body, { session: body.session, seq: 1, state: "answered", reply: "Hello, Ada." });
  });

  test("answers 202 when it takes longer", async () => {
    await using under = await openApp();
    const waiting = under.call("POST", `${PATH}?wait=2`, { body: { from: "ada", text: "hello" } });
    for (let second = 0; second < 3; second += 1) {
      await settle();
      under.clock.advance(1_000);
    }
    const { status, body } = await waiting;
    assert.deepEqual([status, body.seq], [202, 1]);
  });

  test("answers a redelivery with the reply of the original", async () => {
    await using under = await openApp();
    const body = { from: "ada", text: "hello", id: "1" };
    await under.call("POST", PATH, { body });
    await under.answer("Hello, Ada.");
    const again = await under.call("POST", `${PATH}?wait=1`, { body });
    assert.deepEqual([again.status, again.body.duplicate, again.body.reply], [200, true, "Hello, Ada."]);
  });

  test("tells of a message that will not be answered", async () => {
    await using under = await openApp();
    const waiting = under.call("POST", `${PATH}?wait=30`, { body: { from: "ada", text: "hello" } });
    await settle();
    await under.call("POST", "/api/chats/tea/reset?from=ada");
    under.clock.advance(1_000);
    const { status, body } = await waiting;
    assert.deepEqual([status, body.state, body.reply], [200, "cancelled", null]);
  });

  test("ends at once with 202 when the gateway closes", async () => {
    const closing = new AbortController();
    await using under = await openApp({ closing: closing.signal });
    const waiting = under.call("POST", `${PATH}?wait=30`, { body: { from: "ada", text: "hello" } });
    await settle();
    closing.abort();
    assert.equal((await waiting).status, 202);
  });

  for (const wait of ["0", "61", "-1", "1.5", "soon", ""]) {
    test(`for ${JSON.stringify(wait)} seconds is refused, and nothing is stored`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", `${PATH}?wait=${wait}`, { body: { from: "ada", text: "hello" } });
      assertProblem(answer, 400, "invalid-request");
      assert.equal(answer.body.errors[0]?.path, "query.wait");
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  test("has a place for so many; the next one is told before anything is stored", async () => {
    await using under = await openApp({ maxWaiting: 1 });
    const waiting = under.call("POST", `${PATH}?wait=30`, { body: { from: "ada", text: "hello" } });
    await settle();
    const refused = await under.call("POST", `${PATH}?wait=30`, { body: { from: "bob", text: "hello" } });
    assertProblem(refused, 429, "too-many-waiting");
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal((await under.store.reader.stats()).sessions, 1);
    await under.answer("Hello, Ada.");
    await waiting;
    const body = { from: "ada", text: "/help" };
    assert.equal((await under.call("POST", `${PATH}?wait=30`, { body })).status, 200);
    assert.equal((await under.call("POST", `${PATH}?wait=30`, { body })).status, 200);
  });
});

describe("what is no message", () => {
  for (const [what, body] of [
    ["a ping", { type: "ping" }],
    ["typing", { type: "typing", from: "ada" }],
    ["blank text", { from: "ada", text: " \n" }],
    ["an empty body", ""],
    ["an empty object", {}],
  ] as const) {
    test(`${what} is a signal and writes nothing`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", PATH, { body });
      assert.deepEqual([answer.status, answer.body], [200, { signal: true }]);
      assert.equal((await under.store.reader.stats()).sessions, 0);
      assert.equal(under.avoided.size, 1);
    });
  }

  test("a command is answered at once", async () => {
    await using under = await openApp();
    const { status, body } = await under.call("POST", PATH, { body: { from: "ada", text: "/title Tea", id: "1" } });
    assert.equal(status, 200);
    assert.deepEqual(body, { command: "title", reply: 'The title will be "Tea" when you send your first message.' });
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("a command that is delivered again says so", async () => {
    await using under = await openApp();
    await under.call("POST", PATH, { body: { from: "ada", text: "hello" } });
    await under.call("POST", PATH, { body: { from: "ada", text: "/new", id: "1" } });
    const { body } = await under.call("POST", PATH, { body: { from: "ada", text: "/new", id: "1" } });
    assert.equal(body.duplicate, true);
  });

  test("a command that does not exist is rejected with advice", async () => {
    await using under = await openApp();
    const { status, body } = await under.call("POST", PATH, { body: { from: "ada", text: "/foo" } });
    assert.equal(status, 200);
    assert.deepEqual(body, { rejected: "unknown-command", reply: "Unknown command /foo. Try /help." });
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });
});
