import assert from "node:assert/strict";
import { test } from "node:test";
import { createAcpUpdateReader } from "../../src/agent/acp-update.ts";
import type { AgentPart } from "../../src/agent/agent.ts";
import { textOf } from "./agent-turn.ts";

const chunk = (content: object, more: object = {}): object => ({
  sessionUpdate: "agent_message_chunk",
  content,
  ...more,
});
const text = (words: string, more: object = {}): object => chunk({ type: "text", text: words }, more);

function read(...updates: readonly unknown[]): readonly AgentPart[] {
  const reader = createAcpUpdateReader("agent");
  return updates.flatMap((update) => reader.read(update));
}

test("chunks of one message are put together as they stand", () => {
  const messageId = "m1";
  assert.equal(textOf(read(text("one"), text(" two"), text("\nthree", { messageId }), text(""))), "one two\nthree");
});

test("messages are parted: where the id changes, and where a tool was called between", () => {
  const call = { sessionUpdate: "tool_call", toolCallId: "c", title: "look" };
  assert.equal(textOf(read(text("one", { messageId: "a" }), text("two", { messageId: "b" }))), "one\n\ntwo");
  assert.equal(
    textOf(read(text("Let me see."), call, text("It is a cat."), text(" Surely."))),
    "Let me see.\n\nIt is a cat. Surely.",
  );
  assert.equal(textOf(read(text("one "), call, text("two"))), "one two");
  assert.equal(textOf(read(call, text("two"))), "two");
});

test("what is not text is said in words", () => {
  const said = read(
    chunk({ type: "resource_link", name: "plan.md", uri: "https://x.test/plan.md" }),
    chunk({ type: "resource", resource: { uri: "file:///a", text: "\nits text\n" } }),
    chunk({ type: "image", data: "AAAA", mimeType: "image/png" }),
  );
  assert.equal(textOf(said), "[plan.md](https://x.test/plan.md)\nits text\n(a picture that cannot be shown here)");
});

test("a tool call starts once and ends once, under the name it began with", () => {
  const update = (more: object): object => ({ sessionUpdate: "tool_call_update", toolCallId: "c1", ...more });
  const parts = read(
    { sessionUpdate: "tool_call", toolCallId: "c1", title: "Read\nthe file", kind: "read", status: "pending" },
    { sessionUpdate: "tool_call", toolCallId: "c2", title: "x".repeat(500), status: "completed" },
    update({ status: "in_progress", title: "Read it again" }),
    update({ status: "failed" }),
    update({ status: "completed" }),
    { sessionUpdate: "tool_call_update", toolCallId: "c3", kind: "execute" },
  );
  assert.deepEqual(
    parts.map((part) => (part.type === "tool" ? [part.index, part.name.slice(0, 13), part.state] : part)),
    [
      [0, "Read the file", "started"],
      [1, "xxxxxxxxxxxxx", "started"],
      [1, "xxxxxxxxxxxxx", "finished"],
      [0, "Read the file", "failed"],
      [2, "execute", "started"],
    ],
  );
  assert.ok(parts.every((part) => part.type !== "tool" || part.name.length <= 256));
});

test("thoughts show only that it thinks, and everything else only that it lives", () => {
  assert.deepEqual(read({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm" } }), [
    { type: "reasoning" },
  ]);
  const others = ["plan", "user_message_chunk", "usage_update", "available_commands_update", "of_another_release"];
  assert.deepEqual(read(...others.map((sessionUpdate) => ({ sessionUpdate })), null, "text", {}), []);
});

test("words that cannot be read are a fault, and are not quoted", () => {
  for (const update of [
    chunk({ type: "text", text: ["wisteria-lane"] }),
    chunk({ type: "wisteria-lane" }),
    { sessionUpdate: "agent_message_chunk" },
    { sessionUpdate: "tool_call", title: "wisteria-lane" },
  ]) {
    assert.throws(() => read(update), {
      name: "AgentError",
      retryable: false,
      message: /^The agent "agent" sent an update \((agent_message_chunk|tool_call)\) that is not of the protocol\.$/,
    });
  }
});
