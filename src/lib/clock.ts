/** The only way Parlor asks for the time, so that tests can hold it still. */
export interface Clock {
  /** Epoch milliseconds, UTC: what is stored. */
  now(): number;
  /** Milliseconds that never jump: what durations and leases are measured with. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  timer(delayMs: number, run: () => void): () => void;
}

/** A longer `setTimeout` would run at once. */
const MAX_STEP_MS = 2 ** 31 - 1;

/** The machine's own clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (delayMs, run) => {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, MAX_STEP_MS);
      handle = setTimeout(leftMs > stepMs ? () => wait(leftMs - stepMs) : run, stepMs);
      handle.unref();
    };
    wait(delayMs);
    return () => clearTimeout(handle);
  },
};
