import { backoffMs, type Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { sleep } from "./sleep.ts";

export interface RetryOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Whether another try may help; what else is thrown is thrown on. */
  readonly isRetryable: (error: unknown) => boolean;
  /** Called for every failure that is followed by another try. */
  readonly onFault: (error: unknown) => void;
  /** No try begins once it is aborted: then the last error is thrown, or the signal's reason when there was no try. */
  readonly signal: AbortSignal;
}

/** Calls `run` until it succeeds, with back-off between the tries. */
export async function retry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  options.signal.throwIfAborted();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (options.signal.aborted || !options.isRetryable(error)) throw error;
      options.onFault(error);
      await sleep(options.clock, backoffMs(options.backoff, attempt), options.signal);
      if (options.signal.aborted) throw error;
    }
  }
}
