import assert from "node:assert/strict";
import { test } from "node:test";
import { readToolResult, toolText } from "../../src/agent/mcp-result.ts";

const IMAGE = { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" } as const;

test("what is not words is named", () => {
  const parts = readToolResult({
    content: [
      { type: "audio", data: "AAAA", mimeType: "audio/wav" },
      { type: "resource_link", name: "notes", uri: "file:///notes.txt" },
      { type: "resource", resource: { uri: "file:///a.txt", text: "the words of it" } },
      { type: "resource", resource: { uri: "file:///a.bin", blob: "AAAA" } },
      { ...IMAGE, data: "SUkqAAgAAAA=", mimeType: "image/tiff" },
    ],
  });
  assert.deepEqual(toolText(parts).split("\n"), [
    "[audio/wav, 3 bytes, not shown]",
    "[a file: notes file:///notes.txt]",
    "the words of it",
    "[a file: file:///a.bin, 3 bytes, not shown]",
    "[image/tiff, 8 bytes, not shown]",
  ]);
});

test("images are kept up to ten, and what they show is named in words", () => {
  const parts = readToolResult({ content: Array.from({ length: 12 }, () => IMAGE) });
  assert.deepEqual(
    parts.map(({ type }) => type),
    [...Array.from({ length: 10 }, () => "image"), "text"],
  );
  assert.equal(toolText(parts.slice(0, 1)), "[image/png, 8 bytes, not shown]");
});

test("the bytes decide whether it is an image, not what was said of it", () => {
  const page = Buffer.from("<html>").toString("base64");
  const parts = readToolResult({
    content: [
      { ...IMAGE, mimeType: "image/jpeg" },
      { ...IMAGE, data: page },
    ],
  });
  assert.deepEqual(parts, [
    { type: "image", data: IMAGE.data, mediaType: "image/png" },
    { type: "text", text: "[image/png, 6 bytes, not shown]" },
  ]);
});

test("the bound holds for all the texts together, and a character is not cut in two", () => {
  const texts = ["a".repeat(30_000), "b".repeat(30_000), "c"].map((text) => ({ type: "text" as const, text }));
  const parts = readToolResult({ content: [...texts.slice(0, 1), IMAGE, ...texts.slice(1), IMAGE, ...texts] });
  const [first, , second] = parts;
  assert.deepEqual(
    parts.map(({ type }) => type),
    ["text", "image", "text", "image"],
  );
  assert.equal(first?.type === "text" && first.text.length, 30_000);
  // The line ends between texts count as well.
  assert.match(second?.type === "text" ? second.text : "", /b\n\[70005 more characters were left out\]$/);
  const [cut] = readToolResult({ content: [{ type: "text", text: `${"a".repeat(49_999)}\u{1f600}` }] });
  assert.ok(cut?.type === "text" && cut.text.isWellFormed());
});

test("very many small texts are bounded, too", () => {
  const parts = readToolResult({ content: Array.from({ length: 200_000 }, () => ({ type: "text", text: "x" })) });
  assert.equal(parts.length, 1);
  assert.ok(toolText(parts).length < 51_000, String(toolText(parts).length));
});

test("a result without content is its structure, or said to be nothing", () => {
  assert.equal(toolText(readToolResult({ content: [], structuredContent: { sum: 3 } })), '{"sum":3}');
  assert.equal(toolText(readToolResult({ content: [] })), "The tool answered without a word.");
});
