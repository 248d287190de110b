/**
 * Loads something again whenever it may have changed: one load at a time, and one more after it when
 * something happened meanwhile. What was loaded therefore never is older than the last call of `again`.
 * A load that fails, and may succeed later, is tried again after a growing pause: no event tells when.
 */
export interface Reloader {
  /** Resolves when a load that began after this call is over; never rejects. */
  again(): Promise<void>;
}

export interface ReloaderOptions {
  readonly load: () => Promise<void>;
  /** Hears why a load failed; whether it is worth trying again. */
  readonly onFault: (error: unknown) => boolean;
  /** Default: `setTimeout`. */
  readonly schedule?: (run: () => void, delayMs: number) => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

export function createReloader({ load, onFault, schedule = setTimeout }: ReloaderOptions): Reloader {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let isScheduled = false;
  let pauseMs = FIRST_PAUSE_MS;

  const retry = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    schedule(() => {
      isScheduled = false;
      void again();
    }, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  };

  const run = async (): Promise<void> => {
    try {
      await load();
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (onFault(error)) retry();
    }
    running = null;
  };

  const again = (): Promise<void> => {
    if (running === null) return (running = run());
    return (next ??= running.then(() => {
      next = null;
      return (running = run());
    }));
  };

  return { again };
}
