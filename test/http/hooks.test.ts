import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signWebhook } from "../../src/lib/webhook-signature.ts";
import { settle } from "../turn/eventually.ts";
import { HOOK_SECRET, START_MS, assertProblem, openApp } from "./app-setup.ts";
import type { CallInit } from "./app-setup.ts";

const LOOPBACK = { peer: "127.0.0.1" };

function signed(body: unknown, { id = "msg_1", at = START_MS, secret = HOOK_SECRET } = {}): CallInit {
  const text = body === null ? "" : JSON.stringify(body);
  return { body: text, headers: { "content-type": "application/json", ...signWebhook(secret, id, text, at) } };
}

describe("a signed hook", () => {
  test("accepts what its secret signed", async () => {
    await using under = await openApp();
    const { status, body } = await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "hello" }));
    assert.equal(status, 202);
    assert.deepEqual(body, { session: body.session, seq: 1 });
  });

  for (const [what, extra, expected] of [
    ["without a chat a direct message", {}, { chatType: "dm", chat: "ada", thread: null }],
    ["with a chat a group", { chat: "c" }, { chatType: "group", chat: "c", thread: null }],
    ["with a thread a thread", { chat: "c", thread: "t" }, { chatType: "thread", chat: "c", thread: "t" }],
    ["with a thread of a direct message a thread", { thread: "t" }, { chatType: "thread", chat: "ada", thread: "t" }],
  ] as const) {
    test(`is ${what}`, async () => {
      await using under = await openApp();
      const { body } = await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "hello", ...extra }));
      const found = await under.store.reader.get(body.session);
      assert.ok(found.outcome === "found");
      const { platform, account, chatType, chat, thread, user } = found.session.source;
      assert.deepEqual({ platform, account, user }, { platform: "webhook", account: "crm", user: "ada" });
      assert.deepEqual({ chatType, chat, thread }, expected);
    });
  }

  test("is asked by any host name, because its signature says who is calling", async () => {
    await using under = await openApp({ token: "t0ken" });
    const call = signed({ from: "ada", text: "hello" });
    const headers = { ...call.headers, host: "tunnel.example" };
    assert.equal((await under.call("POST", "/hooks/crm", { ...call, headers })).status, 202);
  });

  test("takes webhook-id for the identity when the body has none", async () => {
    await using under = await openApp();
    const call = signed({ from: "ada", text: "hello" });
    const first = await under.call("POST", "/hooks/crm", call);
    const second = await under.call("POST", "/hooks/crm", call);
    assert.deepEqual(second.body, { ...first.body, duplicate: true });
    const other = await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "hello" }, { id: "msg_2" }));
    assert.equal(other.body.seq, 2);
  });

  test("takes a webhook-id of any length", async () => {
    await using under = await openApp();
    const call = signed({ from: "ada", text: "hello" }, { id: `msg_${"x".repeat(2_000)}` });
    const first = await under.call("POST", "/hooks/crm", call);
    assert.equal(first.status, 202);
    assert.deepEqual((await under.call("POST", "/hooks/crm", call)).body, { ...first.body, duplicate: true });
  });

  test("prefers the id in the body", async () => {
    await using under = await openApp();
    await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "hello", id: "1" }));
    const again = await under.call(
      "POST",
      "/hooks/crm",
      signed({ from: "ada", text: "hello", id: "1" }, { id: "msg_2" }),
    );
    assert.equal(again.body.duplicate, true);
  });

  test("no sender can choose the identity of a delivery", async () => {
    await using under = await openApp();
    await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "hello" }, { id: "1" }));
    const other = await under.call("POST", "/hooks/crm", signed({ from: "ada", text: "something else", id: "1" }));
    assert.equal(other.status, 202);
  });

  test("waits for the reply", async () => {
    await using under = await openApp();
    const waiting = under.call("POST", "/hooks/crm?wait=30", signed({ from: "ada", text: "hello" }));
    await settle();
    await under.answer("Hello, Ada.");
    assert.equal((await waiting).body.reply, "Hello, Ada.");
  });

  for (const [what, body] of [
    ["a ping", { type: "ping" }],
    ["an empty body", null],
    ["blank text", { from: "ada", text: "" }],
  ] as const) {
    test(`${what} is a signal and writes nothing`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", "/hooks/crm", signed(body));
      assert.deepEqual([answer.status, answer.body], [200, { signal: true }]);
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }
});

describe("a hook that is not signed as it should be", () => {
  const hello = { from: "ada", text: "hello" };
  const other = `whsec_${Buffer.alloc(24, 8).toString("base64")}`;
  for (const [what, path, call] of [
    ["without a signature", "/hooks/crm", { body: hello }],
    ["signed by someone else", "/hooks/crm", signed(hello, { secret: other })],
    ["signed too long ago", "/hooks/crm", signed(hello, { at: START_MS - 301_000 })],
    ["with another body", "/hooks/crm", { ...signed(hello), body: JSON.stringify({ ...hello, from: "eve" }) }],
    ["that does not exist", "/hooks/nope", signed(hello)],
    ["that is not JSON either", "/hooks/crm", { body: "{", headers: { "content-type": "text/plain" } }],
  ] as const) {
    test(`${what} is the same 401`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", path, call);
      assertProblem(answer, 401, "unauthorized");
      assert.match(answer.body.detail, /^There is no hook of this name with this signature/);
      assert.equal(answer.headers.get("www-authenticate"), "StandardWebhooks");
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }
});

describe("the demo hook", () => {
  const hello = { body: { from: "ada", text: "hello" } };

  test("needs no signature from this machine", async () => {
    await using under = await openApp({ demoHook: true });
    for (const peer of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.equal((await under.call("POST", "/hooks/demo", { ...hello, bindings: { peer } })).status, 202);
    }
  });

  for (const [what, setup, init] of [
    ["from another machine", { demoHook: true }, { ...hello, bindings: { peer: "192.0.2.1" } }],
    ["from nobody knows where", { demoHook: true }, hello],
    ["where it is off", { demoHook: false }, { ...hello, bindings: LOOPBACK }],
    ["without the token, where there is one", { demoHook: true, token: "t0ken" }, { ...hello, bindings: LOOPBACK }],
  ] as const) {
    test(`${what} is 401`, async () => {
      await using under = await openApp(setup);
      assertProblem(await under.call("POST", "/hooks/demo", init), 401, "unauthorized");
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  test("refuses a page of another site", async () => {
    await using under = await openApp({ demoHook: true });
    const headers = { origin: "https://evil.example" };
    assertProblem(
      await under.call("POST", "/hooks/demo", { ...hello, headers, bindings: LOOPBACK }),
      400,
      "foreign-host",
    );
  });
});
