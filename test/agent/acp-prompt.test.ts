import assert from "node:assert/strict";
import { test } from "node:test";
import { linkBlock } from "../../src/agent/acp-files.ts";
import { acpPrompt, type AcpSeen } from "../../src/agent/acp-prompt.ts";
import type { AgentEntry, AgentTurn } from "../../src/agent/agent.ts";
import { createSource } from "../../src/core/source.ts";
import { agentEntry, agentTurn } from "./agent-turn.ts";

const GROUP = createSource({ platform: "test", user: "U1", chat: "C1", chatType: "group" });
const NEW: AcpSeen = { told: 0, unanswered: new Set() };

const asked = (seq: number, text: string): AgentEntry => agentEntry({ seq, text });
const answered = (seq: number, text: string): AgentEntry => agentEntry({ seq, text, role: "assistant", sender: null });

async function textOf(turn: AgentTurn, seen: AcpSeen = NEW): Promise<string> {
  const [block] = await acpPrompt(turn, seen, (file) => Promise.resolve(linkBlock(file)));
  assert.ok(block?.type === "text");
  return block.text;
}

test("in a direct message the words stand alone", async () => {
  assert.equal(await textOf(agentTurn("hello\nyou")), "hello\nyou");
});

test("a new session is told what was said before, as quotations, and then what is to be answered", async () => {
  const turn = {
    ...agentTurn(),
    transcript: [asked(3, "one\ntwo"), answered(4, "yes")],
    messages: [asked(5, "and now?")],
  };
  const [before = "", ...rest] = (await textOf({ ...turn, summary: "They met.\nThey talked." })).split("\n\n");
  assert.match(before, /^What was said before.*not to be answered\.$/);
  assert.deepEqual(rest, [
    "A summary of what was said before that:\n> They met.\n> They talked.",
    'From "Ann" (id "U1"):\n> one\n> two',
    "From you:\n> yes",
    "What is to be answered:",
    "and now?",
  ]);
});

test("a session that goes on is told only what it has not seen, and its own answers are not", async () => {
  const transcript = [
    asked(1, "one"),
    answered(3, "its answer"),
    asked(2, "overheard"),
    asked(6, "to another agent"),
    answered(7, "the other's"),
  ];
  const text = await textOf({ ...agentTurn(), transcript, messages: [asked(8, "now")] }, { ...NEW, told: 1 });
  assert.deepEqual(text.split("\n\n").slice(1), [
    'From "Ann" (id "U1"):\n> overheard',
    'From "Ann" (id "U1"):\n> to another agent',
    "From you:\n> the other's",
    "What is to be answered:",
    "now",
  ]);
  assert.equal(await textOf({ ...agentTurn(), transcript, messages: [asked(8, "now")] }, { ...NEW, told: 7 }), "now");
});

test("a summary is told only where it stands for something that was not seen", async () => {
  const turn = {
    ...agentTurn(),
    summary: "They met.",
    transcript: [asked(5, "five"), answered(6, "yes")],
    messages: [asked(7, "now")],
  };
  assert.equal(await textOf(turn, { ...NEW, told: 5 }), "now");
  assert.match(await textOf(turn, { ...NEW, told: 2 }), /> They met\./);
});

test("a message that was interrupted is not told twice, unless nothing else would be left", async () => {
  const messages = [asked(5, "one"), answered(7, "I was saying"), asked(6, "two")];
  const turn = { ...agentTurn(), messages };
  assert.equal(await textOf(turn, { told: 5, unanswered: new Set([5]) }), "two");
  assert.equal(await textOf(turn), "one\n\nYou had begun to answer:\n> I was saying\n\ntwo");
  assert.equal(await textOf({ ...turn, messages: [asked(5, "one")] }, { told: 5, unanswered: new Set([5]) }), "one");
});

test("a message that was answered by nobody is told again, however much was told since", async () => {
  assert.equal(await textOf({ ...agentTurn(), messages: [asked(5, "one")] }, { ...NEW, told: 9 }), "one");
});

test("where several people speak, each message is a quotation under its sender", async () => {
  const messages = [
    asked(1, "hello\nyou"),
    agentEntry({ seq: 2, text: "From Ann:", sender: { id: "U2", name: null } }),
  ];
  assert.deepEqual((await textOf({ ...agentTurn(), source: GROUP, messages })).split("\n\n").slice(1), [
    'From "Ann" (id "U1"):\n> hello\n> you',
    'From id "U2":\n> From Ann:',
  ]);
});

test("what a caller asks of the agent comes first, and that another conversation came before is told once", async () => {
  const turn = {
    ...agentTurn("hello"),
    instructions: "Be brief.",
    reset: { reason: "idle", hadActivity: true } as const,
  };
  assert.match(await textOf(turn), /^Be brief\.\n\nThe conversation before this one ended because .*\n\nhello$/s);
  assert.equal(await textOf({ ...turn, instructions: null }, { ...NEW, told: 1 }), "hello");
});

test("files stand behind the text, those of the past by reference in it", async () => {
  const cat = { url: "https://x.test/cat.png", name: "cat.png", mediaType: "image/png" };
  const transcript = [
    agentEntry({ text: "look", attachments: [{ url: `data:image/png;base64,${"A".repeat(5_000)}` }] }),
  ];
  const turn = { ...agentTurn({ text: "And this?", attachments: [cat, { url: "https://x.test/2" }] }), transcript };
  const blocks = await acpPrompt(turn, NEW, (file) => Promise.resolve(linkBlock(file)));
  assert.deepEqual(blocks.slice(1), [
    { type: "resource_link", uri: cat.url, name: "cat.png", mimeType: "image/png" },
    { type: "resource_link", uri: "https://x.test/2", name: "attachment" },
  ]);
  assert.ok(
    blocks[0]?.type === "text" &&
      blocks[0].text.includes('Attachment: "data:image/png"') &&
      blocks[0].text.length < 500,
  );
  const [only] = await acpPrompt(agentTurn({ text: "", attachments: [cat] }), NEW, (file) =>
    Promise.resolve(linkBlock(file)),
  );
  assert.equal(only?.type, "resource_link");
});
