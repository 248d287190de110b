import type { Readable } from "node:stream";
import { boundedLines } from "../lib/bounded-lines.ts";

const MAX_STDERR_LINE = 1_000;

/** What a program writes, to the end. Output that is cut off has ended: why, its exit says. */
export async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch {
    return;
  }
}

/**
 * Tells the first lines of a program's standard error, each cut at 1,000 characters. It reads all of it, so
 * that the program is never held up by it.
 */
export async function reportStderr(stderr: Readable, maxLines: number, report: (line: string) => void): Promise<void> {
  let lines = 0;
  for await (const { text } of boundedLines(chunksOf(stderr), MAX_STDERR_LINE)) {
    lines += 1;
    if (lines <= maxLines) report(text);
  }
}
