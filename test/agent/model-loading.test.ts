import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";

test("the AI SDK is loaded by the first turn, not by making the agent", async () => {
  const loaded = new Set<string>();
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (/^(ai$|@ai-sdk\/|@modelcontextprotocol\/)/.test(specifier)) loaded.add(specifier);
      return next(specifier, context);
    },
  });
  const { createModelAgent } = await import("../../src/agent/model.ts");
  const { openFakeOpenAI } = await import("../../src/testing/fake-openai.ts");
  const { agentTurn, partsOf } = await import("./agent-turn.ts");
  await using server = await openFakeOpenAI();
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
  });
  assert.deepEqual([...loaded], []);
  await partsOf(agent, agentTurn("hello"));
  assert.equal(loaded.has("ai"), true);
  assert.equal(loaded.has("@ai-sdk/anthropic"), false);
  assert.equal(loaded.has("@modelcontextprotocol/client"), false);
  hooks.deregister();
});
