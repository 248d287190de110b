import { ParlorError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";
import { untilAborted } from "../lib/until-aborted.ts";

export interface InsistOptions {
  readonly clock: Clock;
  /** Called for every failure that is followed by another try. */
  readonly onFault: (error: unknown) => void;
  /** No try begins once it is aborted; the one that is being made still counts. */
  readonly stop: AbortSignal;
  /** Not even that is waited for once it is aborted: it rejects with the signal's reason. */
  readonly leave: AbortSignal;
}

const STORE_BACKOFF = { firstMs: 50, maxMs: 1_000 };

/** Asks the store until it answers. What the store says about itself passes; all else would fail again. */
export function insist<T>(run: () => Promise<T>, { clock, onFault, stop, leave }: InsistOptions): Promise<T> {
  const isRetryable = (error: unknown): boolean => error instanceof ParlorError && error.retryable;
  const asked = retry(run, {
    clock,
    backoff: STORE_BACKOFF,
    isRetryable,
    onFault,
    signal: AbortSignal.any([stop, leave]),
  });
  return untilAborted(asked, leave);
}
