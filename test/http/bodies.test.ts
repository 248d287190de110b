import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SIGNAL_NAMES } from "../../src/core/event.ts";
import { assertProblem, openApp } from "./app-setup.ts";

const PATH = "/api/chats/tea/messages";
const JSON_TYPE = { "content-type": "application/json" };

describe("a body that is not what the route expects", () => {
  for (const [what, body, path] of [
    ["no sender", { text: "hello" }, "body.from"],
    ["an empty sender", { from: "", text: "hello" }, "body.from"],
    ["a sender that is no text", { from: 7, text: "hello" }, "body.from"],
    ["no text", { from: "ada" }, "body.text"],
    ["text that is too long", { from: "ada", text: "x".repeat(100_001) }, "body.text"],
    ["an empty id", { from: "ada", text: "hello", id: "" }, "body.id"],
    ["a field nobody knows", { from: "ada", text: "hello", chatt: "x" }, "body"],
    ["a signal nobody knows", { type: "wave" }, "body.type"],
    ["a list", ["hello"], "body"],
    ["null", "null", "body"],
  ] as const) {
    test(`${what} is 400 at ${path}`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", PATH, { body, headers: JSON_TYPE });
      assertProblem(answer, 400, "invalid-request");
      assert.ok(
        answer.body.errors.some((error) => error.path === path),
        JSON.stringify(answer.body.errors),
      );
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  test("a sender with a control character is 400", async () => {
    await using under = await openApp();
    assertProblem(
      await under.call("POST", PATH, { body: { from: "a\u0000b", text: "hello" } }),
      400,
      "invalid-request",
    );
  });

  test("an answer never repeats what was said", async () => {
    await using under = await openApp();
    const cut = await under.call("POST", PATH, { body: '{"from":"ada","text":"my secret', headers: JSON_TYPE });
    const unknown = await under.call("POST", PATH, { body: { from: ["my secret"], text: { my: "my secret" }, id: 7 } });
    for (const answer of [cut, unknown]) {
      assertProblem(answer, 400, "invalid-request");
      assert.doesNotMatch(JSON.stringify(answer.body), /secret/);
    }
  });

  for (const [what, fields, found] of [
    ["one", { chatt: 1 }, 'Unknown: "chatt"'],
    [
      "many",
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, 1])),
      'Unknown: "f0", "f1", "f2" and 497 more',
    ],
    ["one that is a sentence", { "my secret plan": 1 }, "Unknown: 1 whose name is not repeated here"],
    ["one that is endless", { ["k".repeat(10_000)]: 1 }, "Unknown: 1 whose name is not repeated here"],
  ] as const) {
    test(`of unknown fields few are named, and only what looks like a name: ${what}`, async () => {
      await using under = await openApp();
      const answer = await under.call("POST", PATH, { body: { from: "ada", text: "hello", ...fields } });
      assertProblem(answer, 400, "invalid-request");
      assert.deepEqual(answer.body.errors, [{ path: "body", message: found }]);
    });
  }

  test("what is wrong is said in words", async () => {
    await using under = await openApp();
    const errorsOf = async (body: object): Promise<unknown> =>
      (await under.call("POST", PATH, { body })).body.errors.map(({ path, message }) => `${path}: ${message}`);
    assert.deepEqual(await errorsOf({ text: ["x"], id: "", from: 7 }), [
      "body.from: Expected a string; found a number",
      "body.text: Expected a string; found a list",
      "body.id: Expected at least 1 character; found 0",
    ]);
    assert.deepEqual(await errorsOf({ from: "a".repeat(300) }), [
      "body.from: Expected at most 256 characters; found 300",
      "body.text: Expected a string; found nothing",
    ]);
    assert.deepEqual(await errorsOf({ type: "wave" }), [`body.type: Expected one of ${SIGNAL_NAMES.join(", ")}`]);
  });

  test("bytes that are not UTF-8 are 400, not replaced", async () => {
    await using under = await openApp();
    const body = Buffer.from('{"from":"ada","text":"\xff"}', "latin1");
    assertProblem(await under.call("POST", PATH, { body, headers: JSON_TYPE }), 400, "invalid-request");
  });
});

describe("the type of a body", () => {
  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"]) {
    test(`${type} is JSON`, async () => {
      await using under = await openApp();
      const body = JSON.stringify({ from: "ada", text: "hello" });
      assert.equal((await under.call("POST", PATH, { body, headers: { "content-type": type } })).status, 202);
    });
  }

  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]) {
    test(`${type} is not`, async () => {
      await using under = await openApp();
      const body = JSON.stringify({ from: "ada", text: "hello" });
      const answer = await under.call("POST", PATH, { body, headers: { "content-type": type } });
      assertProblem(answer, 415, "unsupported-media-type");
    });
  }
});

describe("the size of a body", () => {
  test("one byte more than is allowed is 413", async () => {
    const body = JSON.stringify({ from: "ada", text: "hello" });
    await using exact = await openApp({ maxBodyBytes: body.length });
    assert.equal((await exact.call("POST", PATH, { body, headers: JSON_TYPE })).status, 202);
    await using small = await openApp({ maxBodyBytes: body.length - 1 });
    assertProblem(await small.call("POST", PATH, { body, headers: JSON_TYPE }), 413, "too-large");
  });

  test("a declared length that is too large is 413 before a byte is read", async () => {
    await using under = await openApp({ maxBodyBytes: 10 });
    const answer = await under.call("POST", PATH, { body: "{}", headers: { ...JSON_TYPE, "content-length": "11" } });
    assertProblem(answer, 413, "too-large");
  });

  test("every route that reads a body has the limit", async () => {
    await using under = await openApp({ maxBodyBytes: 10, demoHook: true });
    const body = { from: "ada", text: "hello", title: "x".repeat(5_000) };
    const bindings = { peer: "127.0.0.1" };
    for (const { method, path, body: schema } of under.app.routes) {
      if (schema === undefined) continue;
      const url = path.replace("{name}", "demo").replaceAll(/\{\w+\}/g, "x");
      const query = path === "/api/chats/{chat}/session" ? "?from=ada" : "";
      const { status } = await under.call(method, url + query, { body, bindings });
      assert.equal(status, 413, path);
    }
  });
});
