import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPlainStream, createShownReply, type ShownPart } from "../../src/cli/shown-reply.ts";

function append(text: string): ShownPart {
  return { kind: "append", text };
}

function replace(text: string): ShownPart {
  return { kind: "replace", text };
}

describe("what of a reply stands on the screen", () => {
  test("is what came, once, and the stored reply adds nothing to it", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    assert.deepEqual(
      [reply.text("Hel"), reply.text("lo "), reply.end("Hello")],
      [append("Hel"), append("lo "), append("")],
    );
  });

  test("is completed by the stored reply, where the stream has left something out", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("Hel");
    assert.deepEqual(reply.end("Hello"), append("lo"));
  });

  test("is the stored reply alone, when nothing was streamed", () => {
    assert.deepEqual(createShownReply().end("Hello"), append("Hello"));
  });

  test("is followed by another one after it was interrupted", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("Once upon ");
    reply.interrupted();
    reply.start("trn_2", 1);
    assert.deepEqual([reply.text("In "), reply.end("In short.")], [append("In "), append("short.")]);
  });

  test("grows by what is new alone, when the connection begins again", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("one two ");
    reply.start("trn_1", 1);
    assert.deepEqual(
      [reply.text("one "), reply.text("two three "), reply.text("four")],
      [append(""), append("three "), append("four")],
    );
    assert.deepEqual(reply.end("one two three four"), append(""));
  });

  test("begins anew with the next attempt, but not before that says something", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("one ");
    reply.start("trn_1", 2);
    assert.deepEqual([reply.text("uno "), reply.text("due")], [replace("uno "), append("due")]);
    assert.deepEqual(reply.end("uno due"), append(""));
  });

  test("is replaced by a stored reply that says something else", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("one");
    assert.deepEqual(reply.end("Sorry."), replace("Sorry."));
  });

  test("does not count, when an attempt that said nothing follows and its notice is stored", () => {
    const reply = createShownReply();
    reply.start("trn_1", 1);
    reply.text("one");
    reply.start("trn_1", 2);
    assert.deepEqual(reply.end("one, and more"), replace("one, and more"));
  });
});

describe("text that comes in pieces", () => {
  function shown(...pieces: readonly string[]): string {
    const stream = createPlainStream();
    return [...pieces.map((piece) => stream.write(piece)), stream.end()].join("");
  }

  test("is shown, never obeyed, also when a sequence is divided", () => {
    assert.equal(shown("a\u001b", "[31mred", "\u001b]0;ti", "tle\u0007"), String.raw`a\x1b[31mred\x1b]0;title\x07`);
    assert.equal(shown("\u009b", "31m"), String.raw`\x9b31m`);
  });

  test("keeps a character and a line break together that are divided", () => {
    assert.equal(shown("\ud83d", "\ude00!"), "\u{1f600}!");
    assert.equal(shown("one\r", "\ntwo"), "one\ntwo");
  });

  test("shows a half of what never becomes whole", () => {
    assert.equal(shown("one\r"), String.raw`one\x0d`);
    assert.equal(shown("\ud83d"), "\ufffd");
  });
});
