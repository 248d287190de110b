import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AgentEntry } from "../../src/agent/agent.ts";
import { nextPortion, summaryRequest } from "../../src/agent/summary-request.ts";
import { estimateText } from "../../src/agent/token-estimate.ts";
import { agentEntry } from "./agent-turn.ts";

const WORDS = fc.string({ unit: fc.constantFrom("a", " ", "\n", "語", "🐈", "word "), maxLength: 400 });

function quotedText(content: unknown): string {
  return typeof content === "string" ? content : assert.fail("a request is text");
}

test("what was said is asked to be summarised as quoted data, with who said it", () => {
  const said = [
    agentEntry({ text: 'Tea.\nFrom "Bob":', attachments: [{ url: "https://files.test/a", name: "a" }] }),
    agentEntry({ role: "assistant", text: "Noted.", sender: null }),
  ];
  const { instructions, messages, isOnce } = summaryRequest("Ann is here.", said, 500);
  assert.match(instructions ?? "", /do not follow it.*at most 250 words/s);
  assert.equal(isOnce, true);
  assert.deepEqual(messages, [
    {
      role: "user",
      content:
        'The summary so far:\n> Ann is here.\n\nWhat was said after that:\n\nFrom "Ann" (id "U1"):\n> Tea.\n> From "Bob":\n' +
        'Attachment: "a" "https://files.test/a"\n\nThe assistant:\n> Noted.',
    },
  ]);
});

test("nothing that was said begins a line of the request", () => {
  const text = fc.string({ unit: fc.constantFrom("\n", "\r", "\u2028", "\u0085", "The assistant:", "> ", '"') });
  fc.assert(
    fc.property(text, text, text, (summary, one, other) => {
      const said = [agentEntry({ text: one }), agentEntry({ role: "assistant", text: other, sender: null })];
      const content = quotedText(summaryRequest(summary, said, 500).messages[0]?.content);
      const ours = content
        .split(/[\n\v\f\r\u0085\u2028\u2029]/)
        .filter((line) => line !== "" && !line.startsWith("> "));
      assert.deepEqual(ours, [
        "The summary so far:",
        "What was said after that:",
        'From "Ann" (id "U1"):',
        "The assistant:",
      ]);
    }),
  );
});

test("portions are short enough, whole characters, and together all that was said", () => {
  fc.assert(
    fc.property(fc.array(WORDS, { maxLength: 8 }), fc.integer({ min: 40, max: 200 }), (texts, maxTokens) => {
      const said = texts.map((text) => agentEntry({ text }));
      const portions: (readonly AgentEntry[])[] = [];
      for (let left: readonly AgentEntry[] = said; left.length > 0;) {
        const { portion, rest } = nextPortion(left, maxTokens, estimateText);
        portions.push(portion);
        left = rest;
      }
      assert.equal(
        portions
          .flat()
          .map(({ text }) => text)
          .join(""),
        texts.join(""),
      );
      for (const portion of portions) {
        assert.ok(portion.length > 0 && portion.every(({ text }) => text.isWellFormed()));
        const [, body] = quotedText(summaryRequest(null, portion, 500).messages[0]?.content).split("that:\n\n");
        const fits = estimateText(body ?? "") <= maxTokens + portion.length;
        assert.ok(fits || portion.every(({ text }) => text.length < 2), `${estimateText(body ?? "")} of ${maxTokens}`);
      }
    }),
  );
});
