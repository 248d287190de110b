import { ParlorError, errorMessage } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "./log.ts";

/** A fault that goes on is written again after this time, with how often it was met. */
const REPEAT_MS = 10_000;

/**
 * Writes the faults of the gateway's loops. A store that is full fails many times a second: the same
 * fault at the same place is written once in ten seconds, the others counted into the next line.
 */
export function createFaultLog(log: Log, clock: Clock): (where: string, error: unknown) => void {
  const last = new Map<string, { readonly message: string; readonly at: number; repeats: number }>();
  return (where, error) => {
    const message = errorMessage(error);
    const before = last.get(where);
    const now = clock.monotonic();
    if (before !== undefined && before.message === message && now - before.at < REPEAT_MS) {
      before.repeats += 1;
      return;
    }
    last.set(where, { message, at: now, repeats: 0 });
    const repeats = before === undefined || before.repeats === 0 ? {} : { repeatsOfLast: before.repeats };
    // What nobody has put into words needs its stack.
    const err = error instanceof ParlorError ? {} : { err: error };
    log.error({ where, error: message, ...repeats, ...err }, "fault");
  };
}
