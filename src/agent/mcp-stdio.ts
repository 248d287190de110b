import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { boundedLines } from "../lib/bounded-lines.ts";
import { chunksOf, reportStderr } from "./command-output.ts";
import { startCommand, type CommandLaunch, type CommandProcess } from "./command-process.ts";

export interface StdioOptions {
  readonly launch: CommandLaunch;
  /** Told of the first 1,000 lines that it writes to standard error, each cut at 1,000 characters. */
  readonly onStderr: (line: string) => void;
  /** Reads one line. What it throws makes the line void. */
  readonly parse: (line: string) => JSONRPCMessage;
}

/** The longest message, in UTF-16 units; with a longer one the connection ends. */
const MAX_MESSAGE = 16_000_000;
const MAX_STDERR_LINES = 1_000;

/**
 * An MCP server that is a program of ours, spoken to in lines of JSON. The SDK's own transport would leave
 * the children of the program behind, and hand it more of the environment than was declared.
 */
export function createStdioTransport({ launch, onStderr, parse }: StdioOptions): Transport {
  let program: CommandProcess | null = null;
  let closing: Promise<void> | null = null;
  let cancelEnd = (): void => {};

  async function close(): Promise<void> {
    if (program === null) return;
    // A server ends when its input does; what does not is ended.
    program.stdin.end();
    await program.settle();
    await program[Symbol.asyncDispose]();
  }
  function closeOnce(): Promise<void> {
    cancelEnd();
    closing ??= close().finally(() => transport.onclose?.());
    return closing;
  }
  /** A program that is gone says so by the end of its output, unless what it let go holds that open. */
  function endSoon(): void {
    if (closing === null) cancelEnd = launch.clock.timer(launch.graceMs, () => void closeOnce());
  }
  async function read({ stdout }: CommandProcess): Promise<void> {
    for await (const { text, isCut } of boundedLines(chunksOf(stdout), MAX_MESSAGE)) {
      if (isCut) break;
      try {
        transport.onmessage?.(parse(text));
      } catch (error) {
        // Some programs write a greeting to the wrong stream; what answers nothing is not waited for.
        transport.onerror?.(error instanceof Error ? error : new Error("A line is no message."));
      }
    }
    await closeOnce();
  }

  const transport: Transport = {
    start: async () => {
      const started = await startCommand(launch);
      if (closing !== null) {
        await started[Symbol.asyncDispose]();
        throw new Error("The connection was closed while its program started.");
      }
      program = started;
      started.stdin.on("error", () => {});
      started.stdin.on("close", endSoon);
      void reportStderr(started.stderr, MAX_STDERR_LINES, onStderr);
      void read(started);
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        if (program === null) return reject(new Error("The program is not running."));
        program.stdin.write(`${JSON.stringify(message)}\n`, (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        );
      }),
    close: closeOnce,
  };
  return transport;
}
