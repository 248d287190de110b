import type { TokenUsage } from "../core/session.ts";

/** What was said in answer to a call, whole. */
export interface WholeReply {
  readonly text: string;
  /** Null when the agent reported none. */
  readonly usage: TokenUsage | null;
  /** Why it ended. Of a stored reply it is not known to be anything but `done`. */
  readonly finish: "done" | "length" | "filtered";
}

/** Hears a reply while it comes about. */
export interface ReplyListener {
  /** An attempt begins: what was heard before it no longer counts. */
  begin(): void;
  hear(text: string): void;
}

/**
 * Waits for the whole reply and tells the listener, if there is one, what there is of it on the way.
 * Throws an `OpenAiError` when there will be none; rejects when the signal is aborted.
 */
export type AskReply = (listener: ReplyListener | null, signal: AbortSignal) => Promise<WholeReply>;

/** A reply that is there already. */
export function readyReply(text: string): AskReply {
  return () => Promise.resolve({ text, usage: null, finish: "done" });
}
