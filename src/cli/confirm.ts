import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Asks a person. Yes is `y` or `yes`; anything else, the end of input and Ctrl-C mean no. */
export function confirm(question: string, input: Readable, output: Writable): Promise<boolean> {
  const lines = createInterface({ input, output, prompt: `${question} [y/N] ` });
  return new Promise((resolve) => {
    let isYes = false;
    lines.once("line", (line) => {
      isYes = /^y(?:es)?$/i.test(line.trim());
      lines.close();
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => resolve(isYes));
    lines.prompt();
  });
}
