import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainJson, plainLine, plainText } from "../../src/cli/plain-text.ts";

/** Everything that a terminal obeys, and what reorders the rest of the line. */
const OBEYED = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Texts with many of those. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\u001b[31m", "\u009b", "\u202e", "\r", "\u2066", "\ud800"),
    ),
  )
  .map((parts) => parts.join(""));

test("no text leaves anything that a terminal obeys, but for line breaks in text of several lines", () => {
  fc.assert(
    fc.property(texts, (text) => {
      assert.doesNotMatch(plainLine(text), OBEYED);
      assert.doesNotMatch(plainText(text).replaceAll("\n", ""), OBEYED);
    }),
  );
});

test("a JSON document is the same document, and as harmless", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const json = plainJson({ text });
      assert.doesNotMatch(json.replaceAll("\n", ""), OBEYED);
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});

test("what is not shown is named by its number", () => {
  assert.equal(plainLine("a\u001b[2Jb\u009bc\u202ed\u0007"), String.raw`a\x1b[2Jb\x9bc\u202ed\x07`);
  assert.equal(plainLine("a\r\nb\tc"), String.raw`a\x0d\nb  c`);
  assert.equal(plainText("a\r\nb\n\tc\rd"), `a\nb\n  c${String.raw`\x0d`}d`);
});

test("ordinary text of any script stays as it is", () => {
  for (const text of ["Grüße, “Ada”", "東京 한국어 ไทย", "שלום \u200fعالم", "👩‍👩‍👧 e\u0301"])
    assert.equal(plainLine(text), text);
});
