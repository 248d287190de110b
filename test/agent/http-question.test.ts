import assert from "node:assert/strict";
import { test } from "node:test";
import { questionBody } from "../../src/agent/http-question.ts";
import { agentEntry, agentTurn } from "./agent-turn.ts";

const TRANSCRIPT = [
  agentEntry({ text: "first 👋" }),
  agentEntry({ role: "assistant", text: "answer to the first", sender: null }),
  agentEntry({ text: "second" }),
  agentEntry({ role: "assistant", text: "answer to the second", sender: null }),
];

function textsWithin(maxBytes: number): readonly string[] | null {
  const body = questionBody({ ...agentTurn("third"), transcript: TRANSCRIPT }, maxBytes);
  if (body === null) return null;
  assert.ok(Buffer.byteLength(body) <= maxBytes);
  return (JSON.parse(body) as { transcript: { text: string }[] }).transcript.map(({ text }) => text);
}

test("a transcript that fits is whole; one that does not loses its oldest, and begins with a question", () => {
  const texts = TRANSCRIPT.map(({ text }) => text);
  const body = questionBody({ ...agentTurn("third"), transcript: TRANSCRIPT }) ?? "";
  const all = Buffer.byteLength(body);
  assert.deepEqual(textsWithin(all), texts);
  const seen = new Set<string>();
  for (let maxBytes = all - 1; maxBytes > 0; maxBytes -= 1) {
    seen.add(JSON.stringify(textsWithin(maxBytes)));
  }
  assert.deepEqual(
    [...seen].map((found) => (JSON.parse(found) as string[] | null)?.length ?? null),
    [2, 0, null],
  );
});
