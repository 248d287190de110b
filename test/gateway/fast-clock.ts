import type { Clock } from "../../src/lib/clock.ts";

/** The machine's clock, so many times as fast, from now on. */
export function createFastClock(speed: number): Clock {
  const [startedAt, startMs] = [Date.now(), performance.now()];
  const monotonic = (): number => (performance.now() - startMs) * speed;
  return {
    now: () => Math.round(startedAt + monotonic()),
    monotonic,
    timer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs / speed).unref();
      return () => clearTimeout(timer);
    },
  };
}
