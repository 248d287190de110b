/**
 * A stream that may end before everything is written, such as a pipe into `head`. What nobody reads any
 * more is dropped; every other fault of writing is kept for whoever waits for the end.
 */
import type { Writable } from "node:stream";

export interface Output {
  write(text: string): void;
  /** Aborted by the first fault of writing: what follows is dropped. */
  readonly broken: AbortSignal;
  /** Resolves when everything is written: null, or why it could not be. */
  written(): Promise<Error | null>;
}

export function createOutput(stream: Writable): Output {
  let fault: NodeJS.ErrnoException | null = null;
  const broken = new AbortController();
  stream.on("error", (error: NodeJS.ErrnoException) => {
    fault ??= error;
    broken.abort();
  });
  return {
    broken: broken.signal,
    write: (text) => {
      if (fault === null) stream.write(text);
    },
    written: async () => {
      if (fault === null) await new Promise<void>((resolve) => stream.write("", () => resolve()));
      return fault?.code === "EPIPE" ? null : fault;
    },
  };
}
