import { createInterface } from "node:readline";
import { type Readable, Writable } from "node:stream";

/** Asks a person for what nobody should read over their shoulder: nothing of it is shown. Null when they give up. */
export function askSecret(question: string, input: Readable, output: Writable): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  output.write(`${question} `);
  // As a terminal it takes the echo upon itself, and its echo goes nowhere.
  const lines = createInterface({ input, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    let secret: string | null = null;
    lines.once("line", (line) => {
      secret = line.trim();
      lines.close();
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      output.write("\n");
      resolve(secret === "" ? null : secret);
    });
  });
}
