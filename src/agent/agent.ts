/** The agent port: who answers. */
import type { Attachment } from "../core/message.ts";
import type { SessionReset } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { Role } from "../core/transcript.ts";

export interface Agent {
  /** What people call it: `echo`, or the name of a model. */
  readonly name: string;
  /** The model it asks, where there is one and it is known beforehand. */
  readonly model?: string;
  /** How many entries of the transcript it is shown at most, the newest. Default: 200. */
  readonly transcriptLimit?: number;
  /**
   * Answers one turn. The stream ends after `finish`; a fault is thrown as an `AgentError`. When the
   * signal is aborted it stops without any further side effect and throws the signal's reason.
   */
  run(turn: AgentTurn, signal: AbortSignal, ports: AgentPorts): AsyncIterable<AgentPart>;
  /** Lets go of what it holds between turns, such as processes and connections. No turn begins after it. */
  close?(): Promise<void>;
}

/** What an agent may do while it answers, besides saying something. Each is void once its turn has ended. */
export interface AgentPorts {
  /**
   * Puts a question to the person who is answered and waits for the choice. Time spent waiting here counts
   * towards no time-out of the agent's own.
   *
   * @throws the reason of the run's signal when that is aborted meanwhile.
   */
  ask(question: AgentQuestion): Promise<AgentChoice>;
  /**
   * Stores a summary of the conversation: from the next turn on it stands for every entry up to `throughSeq`
   * and for the summary before it. The transcript stays whole.
   */
  summarize(summary: { readonly text: string; readonly throughSeq: number }): Promise<void>;
  /** Keeps what the agent itself has to know about this session, up to 4,096 characters, in place of what it kept before. */
  note(text: string): Promise<void>;
}

export interface AgentQuestion {
  /** What is asked, in a sentence or a few. */
  readonly text: string;
  /** Two to ten, each with an id of the agent's own and a label that a person reads. */
  readonly choices: readonly { readonly id: string; readonly label: string }[];
}

export type AgentChoice =
  | { readonly outcome: "chosen"; readonly id: string }
  /** Nobody chose in time, or there is nobody who could be asked. */
  | { readonly outcome: "unanswered" };

export interface AgentTurn {
  /** The same on every attempt: an idempotency key for tools. */
  readonly turnId: string;
  readonly attempt: number;
  /** Of a call without a session: an id of its own, under which nothing is stored. */
  readonly sessionId: string;
  readonly source: Source;
  /** Set on the first turn of a life that follows another one. */
  readonly reset: SessionReset | null;
  /**
   * What the caller of a call without a session asks of the agent, beyond the agent's own prompt. Null
   * when nothing, and in every turn of a session.
   */
  readonly instructions: string | null;
  /** What stands for everything that was said before `transcript`; null while nothing does. */
  readonly summary: string | null;
  /** What this agent has kept about the session with `AgentPorts.note`; null when nothing. */
  readonly note: string | null;
  /** What was said before, oldest first, each turn's inputs before its outputs. */
  readonly transcript: readonly AgentEntry[];
  /**
   * What it is to answer, oldest first. When a newer message has interrupted an answer, what had been said of
   * that stands between them, as the agent's own words.
   */
  readonly messages: readonly AgentEntry[];
}

export interface AgentEntry {
  /** Its number in the transcript; null in a call without a session. */
  readonly seq: number | null;
  readonly role: Exclude<Role, "notice">;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** The person who said it; null for the agent's own words. */
  readonly sender: { readonly id: string; readonly name: string | null } | null;
}

export type AgentPart =
  | { readonly type: "text"; readonly text: string }
  /** Thinking aloud: shows that it is alive; never delivered and never stored. */
  | { readonly type: "reasoning" }
  /** A call of a tool. `index` counts the calls of the turn from 0. */
  | {
      readonly type: "tool";
      readonly index: number;
      readonly name: string;
      readonly state: "started" | "finished" | "failed";
    }
  | { readonly type: "usage"; readonly model: string; readonly inputTokens: number; readonly outputTokens: number }
  | { readonly type: "finish"; readonly reason: "done" | "length" | "filtered" };

/**
 * What kind of fault it is: `unavailable` may pass, `quota` passes with time, `context` means that the turn is
 * longer than the agent can take, `refused` will not change.
 */
export type AgentFault = "unavailable" | "quota" | "context" | "refused";

/** A fault of an agent. `retryable` says whether another attempt may help. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly fault: AgentFault;
  readonly retryable: boolean;
  /** No other attempt before this many milliseconds have passed: what an endpoint asked for. Null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: AgentErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.fault = options.fault ?? (options.retryable ? "unavailable" : "refused");
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export interface AgentErrorOptions {
  readonly retryable: boolean;
  /** Default: `unavailable` when it is retryable, else `refused`. */
  readonly fault?: AgentFault;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}
