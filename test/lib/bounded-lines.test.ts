import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boundedLines } from "../../src/lib/bounded-lines.ts";

async function linesOf(chunks: readonly Uint8Array[], maxLength: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { text, isCut } of boundedLines(streamOf(chunks), maxLength)) lines.push(isCut ? `${text}…` : text);
  return lines;
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

test("a line ends with a newline, the last one with the stream", async () => {
  assert.deepEqual(await linesOf([bytes("a\r\nb\n\nc")], 10), ["a", "b", "", "c"]);
  assert.deepEqual(await linesOf([bytes("a\n")], 10), ["a"]);
  assert.deepEqual(await linesOf([], 10), []);
});

test("of a line that is too long the beginning comes once, and the next line is whole", async () => {
  assert.deepEqual(await linesOf([bytes("12345\n123"), bytes("456789"), bytes("0\nab\n")], 5), [
    "12345",
    "12345…",
    "ab",
  ]);
});

test("a line that is too long comes before it has ended", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield await Promise.resolve(bytes("x"));
  }
  for await (const line of boundedLines(endless(), 100)) {
    assert.deepEqual(line, { text: "x".repeat(100), isCut: true });
    break;
  }
});

test("how the bytes are cut changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "ü", "🙂", "\n", "long word")),
      fc.integer({ min: 1, max: 5 }),
      async (words, size) => {
        const whole = bytes(words.join(""));
        const cut = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
          whole.subarray(index * size, (index + 1) * size),
        );
        assert.deepEqual(await linesOf(cut, 8), await linesOf([whole], 8));
      },
    ),
  );
});
