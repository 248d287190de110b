import type { Clock } from "../lib/clock.ts";

/** A signal that aborts when its time is over. It does not run until it is first restarted. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  /** Gives the full time again, from now. */
  restart(): void;
  pause(): void;
  /** Goes on with what was left at the pause; one that is not paused just goes on. */
  resume(): void;
}

/** Infinity: never over. */
export function createTimeLimit(clock: Clock, limitMs: number): TimeLimit {
  const controller = new AbortController();
  let cancel: (() => void) | null = null;
  let leftMs = limitMs;
  let since = 0;
  let isDisposed = false;

  function run(forMs: number): void {
    if (isDisposed) return;
    leftMs = forMs;
    since = clock.monotonic();
    if (forMs !== Infinity) cancel = clock.timer(forMs, () => controller.abort());
  }
  function pause(): void {
    if (cancel === null) return;
    cancel();
    cancel = null;
    leftMs = Math.max(0, leftMs - (clock.monotonic() - since));
  }

  return {
    signal: controller.signal,
    pause,
    restart: () => {
      pause();
      run(limitMs);
    },
    resume: () => {
      if (cancel === null) run(leftMs);
    },
    [Symbol.dispose]: () => {
      isDisposed = true;
      pause();
    },
  };
}
