import type { Clock } from "../lib/clock.ts";

/** A signal that aborts when its time is over. It does not run until it is first restarted. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  /** Gives the full time again, from now. */
  restart(): void;
  pause(): void;
}

/** Infinity: never over. */
export function createTimeLimit(clock: Clock, limitMs: number): TimeLimit {
  const controller = new AbortController();
  let cancel: (() => void) | null = null;

  function pause(): void {
    cancel?.();
    cancel = null;
  }

  return {
    signal: controller.signal,
    pause,
    restart: () => {
      pause();
      if (limitMs !== Infinity) cancel = clock.timer(limitMs, () => controller.abort());
    },
    [Symbol.dispose]: pause,
  };
}
