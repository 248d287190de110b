import { systemClock, type Clock } from "../lib/clock.ts";
import type { Agent, AgentEntry, AgentPart, AgentTurn } from "./agent.ts";

export interface EchoAgentOptions {
  /** The pause after each word, in milliseconds. Default: 0. */
  readonly delayMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * An agent that repeats what was said, word by word: it needs no model, and with a pause between the
 * words it shows what happens to a reply that is interrupted.
 */
export function createEchoAgent(options: EchoAgentOptions = {}): Agent {
  const { delayMs = 0, clock = systemClock } = options;
  return {
    name: "echo",
    async *run(turn: AgentTurn, signal: AbortSignal): AsyncGenerator<AgentPart> {
      signal.throwIfAborted();
      for (const word of words(turn.messages.map(spoken).join("\n"))) {
        yield { type: "text", text: word };
        signal.throwIfAborted();
        if (delayMs > 0) await pause(delayMs, clock, signal);
      }
      yield { type: "finish", reason: "done" };
    },
  };
}

/** The pieces of a text, in order and complete: each word with the white space behind it. */
function words(text: string): readonly string[] {
  return text.match(/^\s+|\S+\s*/g) ?? [];
}

function spoken(entry: AgentEntry): string {
  return [entry.text, ...entry.attachments.map((attachment) => attachment.name ?? attachment.url)]
    .filter((line) => line !== "")
    .join("\n");
}

function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = clock.timer(delayMs, () => {
    signal.removeEventListener("abort", stop);
    resolve();
  });
  function stop(): void {
    cancel();
    reject(signal.reason);
  }
  signal.addEventListener("abort", stop, { once: true });
  return promise;
}
