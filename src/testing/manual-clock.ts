import type { Clock } from "../lib/clock.ts";

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves on by `ms` milliseconds; timers that fall due on the way run in the order of their times, each at its time. */
  advance(ms: number): void;
  /** Moves on to this time, in epoch milliseconds. A time that has passed changes nothing. */
  advanceTo(epochMs: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that starts at `startMs`, in epoch milliseconds. Timers of the same time run in the order they were set. */
export function createManualClock(startMs: number): ManualClock {
  let now = startMs;
  const timers = new Set<Timer>();

  const nextTimer = (until: number): Timer | null => {
    let next: Timer | null = null;
    for (const timer of timers) {
      if (timer.dueAt <= until && (next === null || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  };

  const advanceTo = (epochMs: number): void => {
    for (let timer = nextTimer(epochMs); timer !== null; timer = nextTimer(epochMs)) {
      timers.delete(timer);
      now = Math.max(now, timer.dueAt);
      timer.run();
    }
    now = Math.max(now, epochMs);
  };

  return {
    now: () => now,
    monotonic: () => now - startMs,
    timer: (delayMs, run) => {
      const timer: Timer = { dueAt: now + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => advanceTo(now + ms),
    advanceTo,
  };
}
