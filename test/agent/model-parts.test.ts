import assert from "node:assert/strict";
import { test } from "node:test";
import { createModelPartReader } from "../../src/agent/model-parts.ts";

test("the name of a tool that a model made up is one line, as people may read it", () => {
  const reader = createModelPartReader("small");
  const toolName = `\u001b[2Jsay\n${"x".repeat(1_000)}`;
  const [tool] = reader.read({ type: "tool-call", toolCallId: "call_1", toolName, input: {}, dynamic: true });
  assert.deepEqual(tool, { type: "tool", index: 0, name: `[2Jsay ${"x".repeat(249)}`, state: "started" });
  const [unnamed] = reader.read({ type: "tool-call", toolCallId: "call_2", toolName: "\n", input: {}, dynamic: true });
  assert.equal(unnamed?.type === "tool" && unnamed.name, "tool");
});
