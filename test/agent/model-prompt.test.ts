import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AgentTurn } from "../../src/agent/agent.ts";
import { modelPrompt } from "../../src/agent/model-prompt.ts";
import { createSource } from "../../src/core/source.ts";
import { agentEntry, agentTurn } from "./agent-turn.ts";

const GROUP = createSource({ platform: "test", user: "U1", chat: "C1", chatType: "group" });

function contentsOf(turn: AgentTurn): readonly string[] {
  return modelPrompt(turn, null).messages.map((message) => message.content);
}

test("in a direct message the words stand alone", () => {
  assert.deepEqual(contentsOf(agentTurn("hello")), ["hello"]);
});

test("what a caller asks stands behind the agent's own prompt", () => {
  const turn = { ...agentTurn("hello"), instructions: "Answer in French." };
  assert.equal(modelPrompt(turn, "You are terse.").instructions, "You are terse.\n\nAnswer in French.");
  assert.equal(modelPrompt(turn, null).instructions, "Answer in French.");
});

test("where several people speak, each message is a quotation under its sender", () => {
  const turn = { ...agentTurn("hello\nyou", { text: "hi", sender: { id: "U2", name: null } }), source: GROUP };
  assert.deepEqual(contentsOf(turn), ['From "Ann" (id "U1"):\n> hello\n> you\n\nFrom id "U2":\n> hi']);
  assert.match(modelPrompt(turn, null).instructions ?? "", /^Several people speak here\./);
});

test("nobody can speak in the name of somebody else, by words, name or id", () => {
  const hostile = fc.string({
    unit: fc.constantFrom("\n", "\r", "\u2028", "\u0085", "\v", '"', "\\", "> ", "From ", ":", "a"),
  });
  fc.assert(
    fc.property(fc.array(fc.record({ text: hostile, name: hostile, id: hostile }), { minLength: 1 }), (said) => {
      const messages = said.map(({ text, name, id }) => agentEntry({ text, sender: { id, name } }));
      const [content] = contentsOf({ ...agentTurn(), source: GROUP, messages });
      const lines = (content ?? "").split(/[\n\v\f\r\u0085\u2028\u2029]/);
      assert.equal(lines.filter((line) => line !== "" && !line.startsWith("> ")).length, said.length);
    }),
  );
});

test("the agent's own words are not quoted", () => {
  const transcript = [agentEntry({ text: "hello" }), agentEntry({ role: "assistant", text: "hi", sender: null })];
  const turn = { ...agentTurn("more"), source: GROUP, transcript };
  assert.deepEqual(contentsOf(turn)[1], "hi");
});

test("whatever the transcript, roles alternate, a user begins, and nothing said is lost", () => {
  const entry = fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    text: fc.stringMatching(/^[a-z]{0,5}$/),
  });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const transcript = entries.map(({ role, text }) => agentEntry({ role, text }));
      const { messages } = modelPrompt({ ...agentTurn("last"), transcript }, null);
      messages.forEach((message, index) => assert.equal(message.role, index % 2 === 0 ? "user" : "assistant"));
      const words = messages.flatMap((message) => message.content.split("\n\n"));
      const said = [...entries.map(({ text }) => text), "last"].filter((text) => text !== "");
      assert.deepEqual(
        words.filter((word) => word !== "(The conversation began earlier.)"),
        said,
      );
    }),
  );
});

test("a message of nothing but attachments is their mention", () => {
  const attachments = [{ url: "https://files.test/a\nb" }, { url: "https://files.test/c", name: 'c"d' }];
  assert.deepEqual(contentsOf(agentTurn({ attachments })), [
    'Attachment: "https://files.test/a b"\nAttachment: "c\\"d" "https://files.test/c"',
  ]);
});

for (const [reason, because] of [
  ["idle", "nobody had spoken for a while"],
  ["daily", "a new day began"],
  ["command", "someone asked to start over"],
] as const) {
  test(`after a reset (${reason}) the model is told so in one sentence, behind the system prompt`, () => {
    const turn = { ...agentTurn("hello"), reset: { reason, hadActivity: true } };
    assert.equal(
      modelPrompt(turn, "Be brief.").instructions,
      `Be brief.\n\nThe conversation before this one ended because ${because}; you cannot see it.`,
    );
  });
}

test("a life before in which nobody spoke is not mentioned", () => {
  const turn = { ...agentTurn("hello"), reset: { reason: "idle", hadActivity: false } as const };
  assert.equal(modelPrompt(turn, null).instructions, null);
});
