/**
 * A loop does what there is to do now when it is woken, and again when something falls due.
 *
 *     stepping ──done──▶ resting ──woken, or due──▶ stepping
 *        └──fault──▶ backing off ──▶ stepping
 *     stop from every state: the step that runs is waited for, no other begins
 *
 * A step never runs concurrently with another one of the same loop; any number of wakes during a step
 * are one more step. Resting re-reads the due time at least every `pollMs`, because another process may
 * have written. A wake does not cut a back-off short: a store that is down is not asked by every caller.
 */
import { backoffMs, type Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { sleep } from "./sleep.ts";

export interface LoopOptions {
  readonly clock: Clock;
  /** Does everything there is to do now. */
  readonly step: () => Promise<void>;
  /** When there will be something to do, in epoch milliseconds; null: nothing is known of. */
  readonly nextDue: () => Promise<number | null>;
  /** Hears what `step` and `nextDue` throw; both are tried again. */
  readonly onFault: (error: unknown) => void;
  /** Default: 1,000. */
  readonly pollMs?: number;
  /** The waits after faults. Default: 100 ms, doubled up to 5 s. */
  readonly backoff?: Backoff;
}

export interface Loop extends AsyncDisposable {
  /** Begins with a step. A second call, and one after `stop`, does nothing. */
  start(): void;
  /** There may be something to do now. */
  wake(): void;
  /** Resolves when the step that runs has ended. */
  stop(): Promise<void>;
}

/** A step that left something due is not repeated faster than this, in milliseconds. */
const SHORTEST_REST_MS = 20;

export function createLoop({ clock, step, nextDue, onFault, ...options }: LoopOptions): Loop {
  const pollMs = options.pollMs ?? 1_000;
  const backoff = options.backoff ?? { firstMs: 100, maxMs: 5_000 };
  const stopped = new AbortController();
  let woken = new AbortController();
  let running: Promise<void> | null = null;

  const rest = async (): Promise<void> => {
    while (!woken.signal.aborted) {
      const due = await nextDue();
      const waitMs = due === null ? pollMs : Math.min(Math.max(due - clock.now(), SHORTEST_REST_MS), pollMs);
      await sleep(clock, waitMs, woken.signal);
      if (due !== null && due <= clock.now()) return;
    }
  };

  const run = async (): Promise<void> => {
    let faults = 0;
    while (!stopped.signal.aborted) {
      woken = new AbortController();
      try {
        await step();
        await rest();
        faults = 0;
      } catch (error) {
        faults += 1;
        onFault(error);
        await sleep(clock, backoffMs(backoff, faults), stopped.signal);
      }
    }
  };

  const stop = async (): Promise<void> => {
    stopped.abort();
    woken.abort();
    await running;
  };

  return {
    start: () => {
      if (!stopped.signal.aborted) running ??= run();
    },
    wake: () => woken.abort(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
