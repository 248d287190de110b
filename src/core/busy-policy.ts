import { ParlorError } from "./errors.ts";
import type { PlatformRules } from "./platform-rules.ts";

/** What becomes of messages that arrive while a turn runs or others wait. They are stored in any case. */
export interface BusyPolicy {
  /**
   * queue: each message is a turn of its own. collect: what waits becomes one turn. interrupt: as collect,
   * and a newer message ends the run, whose messages are answered together with it.
   */
  readonly mode: "queue" | "collect" | "interrupt";
  /**
   * collect, interrupt: a turn begins when nobody has written in the session for so many milliseconds, at
   * the latest ten times that after the oldest message that no turn has had. 0: at once. Always 0 with queue.
   */
  readonly debounceMs: number;
  /** How many messages may wait in one session; one more is refused, visibly, and nothing of it is stored. */
  readonly maxWaiting: number;
}

/** The policy by platform and chat type. */
export type BusyRules = PlatformRules<BusyPolicy>;

export const DEFAULT_BUSY: BusyPolicy = { mode: "collect", debounceMs: 0, maxWaiting: 100 };

/** How many times its length a debounce is put off at most. */
const MAX_DEBOUNCES = 10;

/**
 * When what waits may be claimed, in epoch milliseconds: never before `now`, and at most one debounce after
 * it. Times that lie in the future, since the clock was set back, count as now.
 *
 * @param times When the oldest and the newest of the messages that no turn has had were accepted.
 */
export function waitingDueAt(
  { mode, debounceMs }: BusyPolicy,
  times: { readonly oldestAt: number; readonly newestAt: number },
  now: number,
): number {
  if (mode === "queue") return now;
  const quietAt = Math.min(times.newestAt, now) + debounceMs;
  const latestAt = Math.min(times.oldestAt, now) + MAX_DEBOUNCES * debounceMs;
  return Math.max(now, Math.min(quietAt, latestAt));
}

/**
 * Checks a policy once, where it is configured.
 *
 * @throws ParlorError `INVALID_CONFIG` for a debounce that is negative or goes with `queue`, and for a bound
 * under which nothing could be accepted.
 */
export function checkBusyPolicy({ mode, debounceMs, maxWaiting }: BusyPolicy): void {
  if (!Number.isSafeInteger(debounceMs) || debounceMs < 0) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `busy.debounceMs must be a whole number of milliseconds, 0 or more; found ${debounceMs}.`,
    );
  }
  if (mode === "queue" && debounceMs > 0) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `busy.debounceMs must be 0 with mode "queue", where each message is a turn of its own; found ${debounceMs}. Use "collect", or leave it out.`,
    );
  }
  if (!Number.isSafeInteger(maxWaiting) || maxWaiting < 1) {
    throw new ParlorError("INVALID_CONFIG", `busy.maxWaiting must be a whole number from 1; found ${maxWaiting}.`);
  }
}
