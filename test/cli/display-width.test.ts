import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { displayWidth, fitText, padText, wrapText } from "../../src/cli/display-width.ts";

test("a character of East Asia and an emoji take two columns, a mark none, anything else one", () => {
  const widths: Readonly<Record<string, number>> = {
    "": 0,
    "plain text": 10,
    Grüße: 5,
    "e\u0301": 1,
    東京: 4,
    ひらカタ: 8,
    한국어: 6,
    ｶﾅ: 2,
    ＡＢ: 4,
    "「」。": 6,
    "…–—": 3,
    "👍": 2,
    "👩‍👩‍👧": 2,
    "🇩🇪": 2,
    "❤️": 2,
    ไทย: 3,
    "\u200b\u200d": 0,
  };
  for (const [text, width] of Object.entries(widths)) assert.equal(displayWidth(text), width, JSON.stringify(text));
});

test("text that fits stays as it is, other text ends with … between two characters", () => {
  assert.equal(fitText("hello", 5), "hello");
  assert.equal(fitText("hello!", 5), "hell…");
  assert.equal(fitText("two words", 5), "two…");
  assert.equal(fitText("東京旅行", 8), "東京旅行");
  assert.equal(fitText("東京旅行", 7), "東京旅…");
  assert.equal(fitText("東京旅行", 6), "東京…");
  assert.equal(fitText("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧…");
  assert.equal(fitText("e\u0301e\u0301e\u0301", 2), "e\u0301…");
});

test("fitted and padded text has exactly the width that was asked for", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      assert.ok(displayWidth(fitText(text, width)) <= width);
      assert.equal(displayWidth(padText(fitText(text, width), width)), width);
    }),
  );
});

test("wrapped text keeps its words in order, and breaks only where a line is full", () => {
  assert.deepEqual(wrapText("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapText("incomprehensible word", 6), ["incomprehensible", "word"]);
  assert.deepEqual(wrapText("東京 旅行 計画", 9), ["東京 旅行", "計画"]);
});
