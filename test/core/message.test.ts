import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParlorError } from "../../src/core/errors.ts";
import { MAX_TEXT_LENGTH, checkMessage, isBlank, type InboundMessage } from "../../src/core/message.ts";
import { createSource } from "../../src/core/source.ts";
import { anyText } from "./arbitraries.ts";

const source = createSource({ platform: "slack", user: "U1" });
const messageOf = (text: string, more: Partial<InboundMessage> = {}): InboundMessage => ({
  source,
  text,
  eventId: null,
  ...more,
});
const attachments = [{ url: "https://example.org/voice.ogg" }];

const refused = (message: InboundMessage, why: RegExp): void =>
  assert.throws(
    () => checkMessage(message),
    (error) => error instanceof ParlorError && error.code === "INVALID_INPUT" && why.test(error.message),
  );

/** Characters that leave a screen empty. */
const INVISIBLE = [
  " ",
  "\t",
  "\n",
  "\r",
  "\0",
  "\u001b",
  "\u0085",
  "\u00a0",
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f",
  "\u1160",
  "\u17b4",
  "\u180e",
  "\u2003",
  "\u200b",
  "\u200d",
  "\u200e",
  "\u2028",
  "\u202e",
  "\u2060",
  "\u2066",
  "\u2800",
  "\u3000",
  "\u3164",
  "\ufe0f",
  "\ufeff",
  "\uffa0",
  "\u{e0001}",
  "\u{e0041}",
  "\u{e0100}",
];
const VISIBLE = ["a", "0", ".", "?", "é", "東", "ก", "ㅋ", "🙂", "✔", "-", "\ufffd", "\ue000"];

test("text of characters that show nothing is blank, and one that shows anything makes it content (I9)", () => {
  const invisible = fc.string({ unit: fc.constantFrom(...INVISIBLE), maxLength: 20 });
  fc.assert(
    fc.property(invisible, fc.constantFrom(...VISIBLE), invisible, (before, character, after) => {
      assert.equal(isBlank(before + after), true);
      assert.equal(isBlank(before + character + after), false);
    }),
    { numRuns: 1_000 },
  );
});

test("a message that says nothing is refused, unless something is attached to it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...INVISIBLE) }), (text) => {
      refused(messageOf(text), /found neither/);
      refused(messageOf(text, { attachments: [] }), /found neither/);
      assert.doesNotThrow(() => checkMessage(messageOf(text, { attachments })));
    }),
  );
});

test("text is stored as it was written, but for what a database cannot hold", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const checked = checkMessage(messageOf(text, { attachments }));
      assert.equal(checked.text.length, text.length);
      assert.ok(checked.text.isWellFormed());
      assert.ok(!checked.text.includes("\0"));
      for (const [at, unit] of text.split("").entries()) {
        const kept = checked.text.charAt(at);
        if (kept !== unit) assert.ok(kept === "\ufffd" && (unit === "\0" || /[\ud800-\udfff]/.test(unit)));
      }
      assert.equal(checkMessage(checked), checked, "checking twice changes it");
    }),
    { numRuns: 1_000 },
  );
});

test("a message that needs no change is handed back itself, with everything else it carries", () => {
  const message = { ...messageOf("hello"), extra: 1 };
  assert.equal(checkMessage(message), message);
  assert.deepEqual(checkMessage({ ...message, text: "a\0" }), { ...message, text: "a\ufffd" });
});

test("100,000 characters are a message, one more is refused without being repeated", () => {
  assert.doesNotThrow(() => checkMessage(messageOf("x".repeat(MAX_TEXT_LENGTH))));
  refused(messageOf("secret".padEnd(MAX_TEXT_LENGTH + 1, "x")), /^(?!.*secret).*100000 characters; found 100001/);
});

test("an event id that a database would change is refused, so that no two messages become one (I12)", () => {
  for (const eventId of ["\ud800", "a\udfff", "", "a\nb", "a\0", "x".repeat(257)]) {
    refused(messageOf("hello", { eventId }), /the event id/);
  }
  for (const eventId of [null, "e1", "schedule@tick", "日本", "x".repeat(256)]) {
    assert.equal(checkMessage(messageOf("hello", { eventId })).eventId, eventId);
  }
});
