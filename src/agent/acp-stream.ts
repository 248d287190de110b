/**
 * What goes over the standard streams of an ACP agent, as messages of JSON-RPC. Updates leave here, in the order in
 * which they came and before any answer behind them; everything else is for the SDK.
 */
import type { AnyMessage, Stream } from "@agentclientprotocol/sdk";
import { boundedLines } from "../lib/bounded-lines.ts";
import { chunksOf } from "./command-output.ts";
import type { CommandProcess } from "./command-process.ts";

export interface AcpStreamHooks {
  /** A session has something new. `update` is unchecked. */
  readonly onUpdate: (sessionId: string, update: unknown) => void;
  /** There is something that is not of the protocol. Nothing is read any more. */
  readonly onNotProtocol: (found: string) => void;
}

type Fields = Readonly<Record<string, unknown>>;

/** An update may hold a file as it was and as it is. */
const MAX_LINE = 16 * 1_048_576;

export function acpStream(program: CommandProcess, { onUpdate, onNotProtocol }: AcpStreamHooks): Stream {
  /** The requests that are not answered yet. What answers none of them would be printed by the SDK. */
  const asked = new Set<unknown>();
  // A write that fails is told to who has written; the stream itself is told as well.
  program.stdin.on("error", () => {});

  async function* messages(): AsyncGenerator<AnyMessage> {
    for await (const { text, isCut } of boundedLines(chunksOf(program.stdout), MAX_LINE)) {
      if (text.trim() === "") continue;
      const message = isCut ? null : parse(text);
      if (message === null || message["jsonrpc"] !== "2.0") {
        const long = `a line of more than ${MAX_LINE} characters`;
        onNotProtocol(isCut ? long : message === null ? "something that is not a JSON object" : "another object");
        return;
      }
      if (message["method"] === "session/update" && !("id" in message)) {
        const { sessionId, update } = (message["params"] ?? {}) as Fields;
        if (typeof sessionId === "string") onUpdate(sessionId, update);
      } else if ("method" in message || asked.delete(message["id"])) {
        yield message as unknown as AnyMessage;
      }
    }
  }

  return {
    readable: ReadableStream.from(messages()),
    writable: new WritableStream<AnyMessage>({
      write: (message) => {
        if ("method" in message && "id" in message) asked.add(message.id);
        return new Promise((resolve, reject) => {
          program.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
        });
      },
    }),
  };
}

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}
