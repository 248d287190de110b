import { Cron } from "croner";
import { ParlorError, errorMessage } from "./errors.ts";
import type { PlatformRules } from "./platform-rules.ts";

/** When a session ends by itself. */
export type ResetPolicy =
  /** Never (the default). */
  | { readonly mode: "none" }
  /** After `idleMs` without a message from a person; 0 means never. */
  | { readonly mode: "idle"; readonly idleMs: number }
  /** At each run of the cron expression `at` in `timeZone`, if a person has spoken before it. */
  | { readonly mode: "daily"; readonly at: string; readonly timeZone: string }
  /** At whichever comes first. */
  | { readonly mode: "both"; readonly idleMs: number; readonly at: string; readonly timeZone: string };

/** The policy by platform and chat type. */
export type ResetRules = PlatformRules<ResetPolicy>;

export const NO_RESET: ResetRules = { default: { mode: "none" } };

/** The durable times a decision is made from, in epoch milliseconds. */
export interface ActivityTimes {
  readonly startedAt: number;
  /** Null when no person has spoken yet. */
  readonly lastUserMessageAt: number | null;
}

/**
 * Whether a session with these times is over at `now`, and why. Pure: nothing but its arguments
 * counts, so a restart cannot re-arm it. When both clocks have run out the earlier one is the reason.
 */
export function dueReset(policy: ResetPolicy, times: ActivityTimes, now: number): "idle" | "daily" | null {
  const since = times.lastUserMessageAt ?? times.startedAt;
  const idleAt = "idleMs" in policy && policy.idleMs > 0 ? since + policy.idleMs : Infinity;
  const dailyAt = "at" in policy ? nextBoundary(policy.at, policy.timeZone, since) : Infinity;
  if (Math.min(idleAt, dailyAt) > now) return null;
  return idleAt <= dailyAt ? "idle" : "daily";
}

/**
 * Checks a policy once, where it is configured.
 *
 * @throws ParlorError `INVALID_CONFIG` for a negative time, for a cron expression or a time zone that
 * cannot be read, and for an expression whose time never comes.
 */
export function checkResetPolicy(policy: ResetPolicy): void {
  if ("idleMs" in policy && !(Number.isFinite(policy.idleMs) && policy.idleMs >= 0)) {
    throw new ParlorError("INVALID_CONFIG", `reset.idleMs must be 0 or more milliseconds; found ${policy.idleMs}.`);
  }
  if (!("at" in policy)) return;
  const problem = boundaryProblem(policy.at, policy.timeZone);
  if (problem !== null) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `reset.at must be a cron expression such as "0 4 * * *" and reset.timeZone a zone such as "Europe/Berlin"; ` +
        `found "${policy.at}" and "${policy.timeZone}" (${problem}).`,
    );
  }
}

function boundaryProblem(at: string, timeZone: string): string | null {
  // Without a zone the expression would mean another moment on each machine.
  if (!timeZone) return "the zone is empty";
  try {
    return nextBoundary(at, timeZone, 0) === Infinity ? "it never comes" : null;
  } catch (error) {
    return errorMessage(error);
  }
}

/** The latest stretch of a schedule that was asked for: nothing lies after `from` and before `next`. */
interface Stretch {
  readonly cron: Cron;
  readonly from: number;
  readonly next: number;
}

// Every policy of the configuration has one entry. Whoever spoke since the last boundary, which is
// nearly everyone, is answered from it; a cron expression takes 20 µs to compute.
const stretches = new Map<string, Stretch>();

function nextBoundary(at: string, timeZone: string, after: number): number {
  const name = `${timeZone}\n${at}`;
  const known = stretches.get(name);
  if (known !== undefined && known.from <= after && after < known.next) return known.next;
  const cron = known?.cron ?? new Cron(at, { timezone: timeZone, paused: true });
  const next = cron.nextRun(new Date(after))?.getTime() ?? Infinity;
  if (known === undefined || next >= known.next) stretches.set(name, { cron, from: after, next });
  return next;
}
