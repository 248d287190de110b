/** What becomes of a turn that is not answered, and how that is said. Pure: the runner carries it out. */
import { AgentError } from "../agent/agent.ts";
import { ParlorError } from "../core/errors.ts";
import type { Turn } from "../core/turn.ts";
import { type Backoff, waitMs } from "../lib/backoff.ts";
import type { TurnFailure } from "../store/turn-store.ts";
import { tooOldNotice } from "./too-old-notice.ts";

export interface RetryPolicy {
  /** How often a turn is tried, lost leases included, before it is dead. */
  readonly maxAttempts: number;
  /** The waits between attempts. */
  readonly backoff: Backoff;
  /** A turn whose newest message was sent longer ago than this is not run, but asked about; 0: any age is. In milliseconds. */
  readonly maxAgeMs: number;
  /** Whether those who are answered can type `/retry` to have what was given up answered after all. */
  readonly hasRetryCommand: boolean;
}

export type Verdict = Omit<TurnFailure, "pieces">;

/** Why a claimed turn must not be run at all; null when it may. */
export function refuse(turn: Turn, policy: RetryPolicy, now: number): Verdict | null {
  // Whoever asks for a turn by hand knows how old it is.
  const since = turn.byHand ? turn.startedAt : Math.max(...turn.messages.map((message) => message.sentAt));
  const ageMs = now - since;
  if (policy.maxAgeMs > 0 && ageMs > policy.maxAgeMs) {
    return {
      reason: `Its newest message is ${seconds(ageMs)} old; turns run up to an age of ${seconds(policy.maxAgeMs)}. The person was asked.`,
      retryAt: null,
      notice: withResetNotice(turn, tooOldNotice(turn.messages, now, policy.hasRetryCommand)),
    };
  }
  if (turn.attempt > policy.maxAttempts) {
    return {
      reason: `All ${policy.maxAttempts} attempts ended without a result; the last one lost its lease.`,
      retryAt: null,
      notice: withResetNotice(turn, gaveUp(policy)),
    };
  }
  return null;
}

/** What becomes of a turn whose attempt threw `error`. What nobody foresaw counts as worth another try. */
export function judge(turn: Turn, error: unknown, policy: RetryPolicy, now: number): Verdict {
  const { reason, retryable } = explain(error);
  if (retryable && turn.attempt < policy.maxAttempts) {
    const askedMs = error instanceof AgentError ? error.retryAfterMs : null;
    return { reason, retryAt: now + waitMs(policy.backoff, turn.attempt, askedMs), notice: "" };
  }
  const tried = retryable ? ` It was the last of ${policy.maxAttempts} attempts.` : "";
  return {
    reason: reason + tried,
    retryAt: null,
    notice: withResetNotice(turn, retryable ? gaveUp(policy) : cannot(error)),
  };
}

/** What a person is told, once, when a life has ended by itself; null when there is nothing to tell. */
export function resetNotice({ first, session: { reset } }: Turn): string | null {
  if (!first || reset === null || !reset.hadActivity) return null;
  switch (reset.reason) {
    case "idle":
      return "This is a new conversation: the last one ended because nobody had written for a while.";
    case "daily":
      return "This is a new conversation: the last one ended at its daily reset.";
    case "command":
      // Whoever typed the command was told then.
      return null;
  }
}

const CANNOT = "Sorry, I could not answer your message. The reason has been recorded for whoever runs this service.";

const TOO_LONG =
  "Sorry, this is more than I can take in at once. Please send it in parts, or begin a new conversation.";

/** What has become too long, whoever wrote it can change. */
function cannot(error: unknown): string {
  return error instanceof AgentError && error.fault === "context" ? TOO_LONG : CANNOT;
}

function gaveUp({ hasRetryCommand }: RetryPolicy): string {
  const more = hasRetryCommand ? "Send /retry later, and I will try again." : "Please send it again later.";
  return `Sorry, I could not answer your message, although I tried more than once. ${more}`;
}

/** A turn that dies is the first of its life too: what it would have told must not get lost with it. */
function withResetNotice(turn: Turn, notice: string): string {
  const reset = resetNotice(turn);
  return reset === null ? notice : `${reset}\n\n${notice}`;
}

function explain(error: unknown): { readonly reason: string; readonly retryable: boolean } {
  if (error instanceof AgentError || error instanceof ParlorError) {
    return { reason: error.message, retryable: error.retryable };
  }
  // The message of an error from anywhere may quote what was said; the log has it.
  const name = error instanceof Error ? error.name : typeof error;
  return { reason: `The attempt failed in a way that was not foreseen (${name}); see the log.`, retryable: true };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
