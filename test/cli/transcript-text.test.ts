import assert from "node:assert/strict";
import { test } from "node:test";
import { plainLine } from "../../src/cli/plain-text.ts";
import { localMinute } from "../../src/cli/quantity.ts";
import { formatTranscript } from "../../src/cli/transcript-text.ts";
import type { Entry } from "../../src/core/transcript.ts";
import { plainScreen } from "./screen.ts";
import { HOSTILE } from "./stored-sessions.ts";

const AT = Date.UTC(2026, 10, 22, 12);

function entry(seq: number, given: Partial<Entry>): Entry {
  const sender = (given.role ?? "user") === "user" ? { id: "ada", name: "Ada" } : null;
  const state = sender === null ? "said" : "answered";
  return {
    sessionId: "s",
    seq,
    role: "user",
    text: "",
    attachments: [],
    state,
    sender,
    turnId: null,
    reason: null,
    follows: null,
    sentAt: AT,
    createdAt: AT,
    ...given,
  };
}

test("a transcript has an empty line between turns, and the state of what is not answered", () => {
  const text = formatTranscript(plainScreen(), [
    entry(1, { text: "one", turnId: "a" }),
    entry(3, { text: "Hello.\nAda.", turnId: "a", role: "assistant" }),
    entry(2, {
      text: "two",
      state: "waiting",
      attachments: [{ url: "https://x.example/a.png", mediaType: "image/png" }],
    }),
  ]);
  const at = localMinute(AT);
  assert.equal(
    text,
    [
      `1  ${at}  user ada (Ada)`,
      "  one",
      `3  ${at}  assistant`,
      "  Hello.",
      "  Ada.",
      "",
      `2  ${at}  user ada (Ada) (waiting)`,
      "  two",
      "  attachment: image/png https://x.example/a.png",
    ].join("\n"),
  );
});

test("a message that was given up shows why, harmless too", () => {
  const text = formatTranscript(plainScreen(), [
    entry(1, { text: "one", state: "dead", reason: "No answer\u001b[1m." }),
  ]);
  assert.equal(
    text,
    [`1  ${localMinute(AT)}  user ada (Ada) (dead)`, "  one", "  reason: No answer\\x1b[1m."].join("\n"),
  );
});

test("nothing that was said, and nobody's name, reaches a terminal as a command or as another entry", () => {
  const text = formatTranscript(plainScreen(), [
    entry(1, {
      text: HOSTILE,
      sender: { id: "x\u001b", name: "\u009b1m" },
      attachments: [{ url: `https://x/${HOSTILE}` }],
    }),
  ]);
  const lines = text.split("\n");
  assert.deepEqual(lines.map(plainLine), lines);
  assert.deepEqual(
    lines.slice(1).filter((line) => !line.startsWith("  ")),
    [],
  );
});

test("what an interrupted answer had said is marked as such", () => {
  const text = formatTranscript(plainScreen(), [
    entry(1, { text: "one", turnId: "b" }),
    entry(3, { text: "Half", turnId: "a", role: "assistant", follows: 1 }),
  ]);
  assert.match(text, /^3 .* assistant \(interrupted\)$/m);
});
