import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { beginningOf, hasSentence } from "../../src/turn/first-words.ts";

describe("the first words of a text", () => {
  for (const [text, beginning] of [
    ["", ""],
    ["Hello", ""],
    ["Hello ", ""],
    ["Hello there", "Hello"],
    ["Hello there. ", "Hello"],
    ["One.\n\n- two\n- three", "One.\n\n- two\n-"],
    ["これは最初の文です。次の文はもっと長いです。", "これは最初の文です。次の文は"],
  ] as const) {
    it(`are ${JSON.stringify(beginning)} of ${JSON.stringify(text)}`, () => assert.equal(beginningOf(text), beginning));
  }

  it("are a beginning of it, and never the whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const beginning = beginningOf(text);
        assert.ok(text.startsWith(beginning) && (beginning === "" || beginning !== text.trimEnd()));
        assert.ok(beginning.isWellFormed());
      }),
    );
  });

  it("hold a sentence when one ends", () => {
    for (const text of ["Yes.", "Yes. And", '"No!" she', "本当。そう", "One\ntwo"]) assert.ok(hasSentence(text), text);
    for (const text of [null, "", "Yes", "3.14 is", "\n Hello"]) assert.ok(!hasSentence(text), String(text));
  });
});
