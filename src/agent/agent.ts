/** The agent port: who answers. */
import type { Attachment } from "../core/message.ts";
import type { SessionReset } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { Role } from "../core/transcript.ts";

export interface Agent {
  /** What people call it: `echo`, or the name of a model. */
  readonly name: string;
  /**
   * Answers one turn. The stream ends after `finish`; a fault is thrown as an `AgentError`. When the
   * signal is aborted it stops without any further side effect and throws the signal's reason.
   */
  run(turn: AgentTurn, signal: AbortSignal): AsyncIterable<AgentPart>;
}

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
  /** What was said before, oldest first, each turn's inputs before its outputs. */
  readonly transcript: readonly AgentEntry[];
  /** What it is to answer, oldest first. */
  readonly messages: readonly AgentEntry[];
}

export interface AgentEntry {
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

/** A fault of an agent. `retryable` says whether another attempt may help. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly retryable: boolean;
  /** No other attempt before this many milliseconds have passed: what an endpoint asked for. Null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: AgentErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export interface AgentErrorOptions {
  readonly retryable: boolean;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}
