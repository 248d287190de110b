import assert from "node:assert/strict";
import { test } from "node:test";
import { createModelAgent } from "../../src/agent/model.ts";
import { checkEndpoint, type ModelEndpoint } from "../../src/agent/model-endpoint.ts";

test("slashes at the end of a base URL make no difference", () => {
  const endpoint = checkEndpoint({ api: "openai-compatible", baseUrl: "http://127.0.0.1:11434/v1//" });
  assert.equal(endpoint.baseUrl, "http://127.0.0.1:11434/v1");
});

test("an empty key is no key", () => {
  assert.equal(checkEndpoint({ api: "openai-compatible", baseUrl: "http://h/v1", apiKey: "" }).apiKey, null);
});

const WRONG: readonly (readonly [string, ModelEndpoint, RegExp])[] = [
  ["no URL", { api: "openai-compatible", baseUrl: "localhost" }, /^OPENAI_BASE_URL must be an http or https URL/],
  ["a file", { api: "openai-compatible", baseUrl: "file:///v1" }, /^OPENAI_BASE_URL must be an http or https URL/],
  [
    "a password",
    { api: "openai-compatible", baseUrl: "http://a:SECRET@h/v1" },
    /^OPENAI_BASE_URL .* without user name/,
  ],
  ["a query", { api: "openai-compatible", baseUrl: "http://h/v1?key=SECRET" }, /^OPENAI_BASE_URL .* query/],
  ["a broken key", { api: "openai-compatible", baseUrl: "http://h/v1", apiKey: "SECRET\n" }, /^OPENAI_API_KEY must/],
  ["no key", { api: "anthropic", apiKey: "" }, /^ANTHROPIC_API_KEY must hold an API key/],
];

for (const [what, endpoint, message] of WRONG) {
  test(`an endpoint with ${what} is refused when the agent is made, without showing it`, () => {
    assert.throws(
      () => createModelAgent({ endpoint, model: "m" }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "INVALID_CONFIG");
        assert.match(error.message, message);
        assert.equal(error.message.includes("SECRET"), false);
        return true;
      },
    );
  });
}

test("a model without a name is refused when the agent is made", () => {
  assert.throws(
    () => createModelAgent({ endpoint: { api: "anthropic", apiKey: "k" }, model: " " }),
    /^ParlorError: PARLOR_MODEL/,
  );
});
