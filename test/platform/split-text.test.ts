import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { splitText } from "../../src/platform/split-text.ts";

const bare = (text: string): string => text.replaceAll(/\s+/gu, "");
const FENCE_LINE = /^[ \t]*(?:`{3,16}|~{3,16})[ \t]*[^`\n]{0,20}$/;
const withoutFences = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !FENCE_LINE.test(line))
    .join("\n");

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const line = fc.oneof(
  fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
  fc.constantFrom("", "- item", "12. item", "# Title", "A sentence. Another one! 好的。"),
);
const code = fc
  .tuple(
    fc.constantFrom("```", "````", "~~~"),
    fc.constantFrom("", "js", "python"),
    fc.array(fc.constantFrom("let x;", "", "  y()"), { maxLength: 60 }),
  )
  .map(([marker, language, lines]) => [`${marker}${language}`, ...lines, marker].join("\n"));
const text = fc
  .array(fc.oneof({ weight: 5, arbitrary: line }, code), { maxLength: 40 })
  .map((parts) => parts.join("\n"));
const anything = fc.oneof(
  text,
  fc.string({ unit: "binary", maxLength: 2_000 }),
  fc.string({ unit: fc.constantFrom("`", "\n", "a", " ", "~", "\u0301", "😀"), maxLength: 2_000 }),
);

describe("a text that is split", () => {
  it("is as it was when it fits, and nothing when it is blank", () => {
    assert.deepEqual(splitText("  Hello\n", 20), ["  Hello\n"]);
    assert.deepEqual(splitText("", 20), []);
    assert.deepEqual(splitText(" \n ".repeat(50), 20), []);
  });

  it("has no piece that is too long or blank, whatever it is", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 600 }), (given, maxLength) => {
        for (const piece of splitText(given, maxLength)) {
          assert.ok(piece.length <= maxLength, `${piece.length} of ${maxLength}`);
          assert.notEqual(piece.trim(), "");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("loses nothing but white space at the cuts, and adds nothing but fences", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 256, max: 600 }), (given, maxLength) => {
        assert.equal(bare(withoutFences(splitText(given, maxLength).join("\n"))), bare(withoutFences(given)));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 255 }), (given, maxLength) => {
        assert.equal(bare(splitText(given, maxLength).join("")), bare(given));
      }),
    );
  });

  it("closes every fence in the piece that opens it, and opens it again with its language", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `const x${index} = ${index};`);
    const pieces = splitText(`Before.\n\n\`\`\`js\n${lines.join("\n")}\n\`\`\`\n\nAfter.`, 400);
    assert.ok(pieces.length > 3);
    for (const piece of pieces) {
      assert.equal(piece.match(/^```/gm)?.length, 2, piece);
      assert.match(piece, /^```js\nconst/m);
    }
    assert.ok(pieces.at(-1)?.endsWith("```\n\nAfter."));
    fc.assert(
      fc.property(text, fc.integer({ min: 256, max: 600 }), (given, maxLength) => {
        for (const piece of splitText(given, maxLength)) assert.equal(openFence(piece), null, piece);
      }),
    );
  });

  it("leaves no empty block of code behind", () => {
    const filler = "x".repeat(245);
    for (const around of [
      `${filler}\n\`\`\`js\ncode\n\`\`\`\n${filler}`,
      `\`\`\`\n${"a\n".repeat(120)}\`\`\`\nend ${filler}`,
    ]) {
      for (const piece of splitText(around, 256)) assert.doesNotMatch(piece, /```\w*\n```/);
    }
  });

  it("divides no grapheme that fits, and no surrogate pair", () => {
    const family = "👨‍👩‍👧‍👦";
    for (const piece of splitText(family.repeat(60), 40)) assert.equal(piece, family.repeat(3));
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 800 }),
        fc.integer({ min: 2, max: 60 }),
        (given, maxLength) => {
          for (const piece of splitText(given, maxLength)) assert.ok(piece.isWellFormed());
        },
      ),
    );
  });

  it("prefers the end of a paragraph, a list item, a line, a sentence, a word, in this order", () => {
    const fill = (length: number): string => "a".repeat(length);
    assert.deepEqual(splitText(`${fill(30)}\n\n${fill(4)}\n${fill(30)}`, 40), [fill(30), `${fill(4)}\n${fill(30)}`]);
    assert.deepEqual(splitText(`${fill(22)}\n- b\nc\nd ${fill(30)}`, 40), [fill(22), `- b\nc\nd ${fill(30)}`]);
    assert.deepEqual(splitText(`${fill(30)}\nb b b b b b`, 40), [fill(30), "b b b b b b"]);
    assert.deepEqual(splitText(`${fill(25)}. b b b b b b b b b b`, 40), [`${fill(25)}.`, "b b b b b b b b b b"]);
    assert.deepEqual(splitText(`${fill(30)} ${fill(30)}`, 40), [fill(30), fill(30)]);
    assert.deepEqual(splitText(fill(70), 40), [fill(40), fill(30)]);
  });

  it("takes steps in proportion to its length, whatever it is made of", () => {
    const units = ["x", "a ", "\n", "```\n", "`", "\u0301", ". ", "- a\n", "```js\n```\n", "~~~a\n\n"];
    for (const unit of units) {
      const given = unit.repeat(100_000 / unit.length);
      const pieces = splitText(given, 4_096);
      assert.ok(pieces.length <= 60, `${pieces.length} pieces of ${JSON.stringify(unit)}`);
    }
  });
});

/** The marker that a text leaves open; null when it leaves none. */
function openFence(piece: string): string | null {
  let open: string | null = null;
  for (const lineOf of piece.split("\n")) {
    const [, marker, info = ""] = /^[ \t]*(`{3,16}|~{3,16})[ \t]*([^`\n]*)$/.exec(lineOf) ?? [];
    if (marker === undefined) continue;
    if (open === null) open = marker;
    else if (info.trim() === "" && marker.startsWith(open)) open = null;
  }
  return open;
}
