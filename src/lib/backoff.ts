/** How long to wait between attempts. */
export interface Backoff {
  /** The wait after the first failed attempt, in milliseconds. */
  readonly firstMs: number;
  /** No wait is longer than this, in milliseconds. */
  readonly maxMs: number;
}

/** The longest wait that is granted to who asks for one, in milliseconds. */
const LONGEST_ASKED_MS = 3_600_000;

/** The wait after `attempt` failed attempts, or the longer one that the other side asked for, up to an hour. */
export function waitMs(backoff: Backoff, attempt: number, askedMs: number | null | undefined): number {
  // It comes from afar: it may be a fraction, endless, or no number.
  const asked = Math.round(Math.min(askedMs || 0, LONGEST_ASKED_MS));
  return Math.max(backoffMs(backoff, attempt), asked);
}

/**
 * The wait after `attempt` failed attempts (1 or more): doubled each time, capped, and cut by up to
 * half at random so that many callers do not return together ("equal jitter", AWS Architecture
 * Blog, "Exponential Backoff And Jitter", 2015).
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number = Math.random): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 40));
  return Math.round(full / 2 + (full / 2) * random());
}
