import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { z } from "zod";
import { openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import type { OpenApiBody } from "./body.ts";

async function documentOf(under: AppUnderTest): Promise<OpenApiBody> {
  const { status, body } = await under.call<OpenApiBody>("GET", "/openapi.json");
  assert.equal(status, 200);
  return body;
}

function answerSchema(under: AppUnderTest, name: string, status: number): z.ZodType {
  const route = under.app.routes.find(({ method, path }) => `${method} ${path}` === name);
  const schema = route?.answers.find((answer) => answer.status === status)?.schema;
  assert.ok(schema !== undefined, name);
  return schema;
}

describe("the OpenAPI document", () => {
  test("has every route, and no other", async () => {
    await using under = await openApp();
    const { openapi, info, paths } = await documentOf(under);
    assert.deepEqual([openapi, info.version], ["3.1.0", "1.2.3"]);
    const listed = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(listed.toSorted(), under.app.routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  test("gives every operation a name of its own, a summary and its parameters", async () => {
    await using under = await openApp();
    const { paths } = await documentOf(under);
    const names = new Set<string>();
    for (const [path, operations] of Object.entries(paths)) {
      for (const operation of Object.values(operations)) {
        assert.equal(names.has(operation.operationId), false, operation.operationId);
        names.add(operation.operationId);
        assert.match(operation.operationId, /^[a-z][A-Za-z]+$/);
        assert.ok(operation.summary.endsWith("."));
        const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
        assert.equal(inPath.length, path.split("{").length - 1);
      }
    }
  });

  test("says what the validation says", async () => {
    await using under = await openApp();
    const { paths } = await documentOf(under);
    assert.deepEqual(
      paths["/api/search"]?.["get"]?.parameters.map(({ name, required }) => [name, required]),
      [
        ["limit", false],
        ["cursor", false],
        ["q", true],
      ],
    );
    const body = paths["/api/chats/{chat}/messages"]?.["post"]?.requestBody?.content["application/json"]?.schema;
    assert.deepEqual(body?.anyOf?.[0]?.required, ["from", "text"]);
    assert.equal(body?.anyOf?.[0]?.properties?.["text"]?.maxLength, 100_000);
    assert.equal(body?.anyOf?.[0]?.additionalProperties, false);
    assert.deepEqual(paths["/v1/models/{model}"]?.["get"]?.responses["404"], {
      description: "`not-found`: There is no such thing.",
      content: { "application/json": { schema: { $ref: "#/components/schemas/OpenAiError" } } },
    });
    assert.deepEqual(Object.keys(paths["/healthz"]?.["get"]?.responses ?? {}), ["200", "400"]);
  });
});

test("what the routes answer is what the document says", async () => {
  await using under = await openApp();
  const stored = await under.call("POST", "/api/chats/tea/messages", { body: { from: "ada", text: "hello", id: "1" } });
  const { session } = stored.body;
  await under.answer("Hello, Ada.");
  const message = { body: { from: "ada", text: "hello", id: "1" } };
  const completion = { body: { model: "parlor", messages: [{ role: "user", content: "hello" }] } };
  const response = { body: { model: "parlor", input: "hello" } };
  for (const [name, path, init, status] of [
    ["POST /api/chats/{chat}/messages", "/api/chats/tea/messages", message, 202],
    ["POST /api/chats/{chat}/messages", "/api/chats/tea/messages?wait=1", message, 200],
    ["POST /api/chats/{chat}/messages", "/api/chats/tea/messages", { body: { type: "ping" } }, 200],
    ["POST /api/chats/{chat}/messages", "/api/chats/tea/messages", { body: { from: "ada", text: "/help" } }, 200],
    ["POST /api/chats/{chat}/messages", "/api/chats/tea/messages", { body: { from: "ada", text: "/foo" } }, 200],
    ["GET /api/chats/{chat}/session", "/api/chats/tea/session?from=ada", {}, 200],
    ["GET /api/chats/{chat}/session", "/api/chats/tea/session?from=bob", {}, 200],
    ["PATCH /api/chats/{chat}/session", "/api/chats/tea/session?from=ada", { body: { title: "Tea" } }, 200],
    ["GET /api/sessions", "/api/sessions", {}, 200],
    ["GET /api/sessions", "/api/sessions?glance=true", {}, 200],
    ["GET /api/stats", "/api/stats", {}, 200],
    ["GET /api/sessions/{id}", `/api/sessions/${session}`, {}, 200],
    ["PATCH /api/sessions/{id}", `/api/sessions/${session}`, { body: { title: "Tea" } }, 200],
    ["GET /api/sessions/{id}/messages", `/api/sessions/${session}/messages`, {}, 200],
    ["GET /api/search", "/api/search?q=hello", {}, 200],
    ["POST /v1/chat/completions", "/v1/chat/completions", completion, 200],
    ["POST /v1/responses", "/v1/responses", response, 200],
    ["GET /v1/models", "/v1/models", {}, 200],
    ["GET /v1/models/{model}", "/v1/models/parlor", {}, 200],
    ["POST /api/sessions/{id}/reset", `/api/sessions/${session}/reset`, {}, 200],
    ["POST /api/chats/{chat}/reset", "/api/chats/tea/reset?from=ada", {}, 200],
    ["DELETE /api/sessions/{id}", `/api/sessions/${session}`, {}, 200],
    ["GET /healthz", "/healthz", {}, 200],
    ["GET /readyz", "/readyz", {}, 200],
  ] as const) {
    const answer = await under.call(name.split(" ")[0] ?? "", path, init);
    assert.equal(answer.status, status, path);
    const { success, error } = answerSchema(under, name, status).safeParse(answer.body);
    assert.ok(success, `${name}: ${error?.message}`);
  }
});
