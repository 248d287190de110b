import type { Clock } from "./clock.ts";

/** Resolves after `delayMs`, or as soon as the signal is aborted; it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel();
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const cancel = clock.timer(delayMs, wake);
    signal?.addEventListener("abort", wake);
  });
}

/** Whether the promise settles, either way, within `timeoutMs`. */
export async function settlesWithin(clock: Clock, timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = new AbortController();
  const settle = (): void => settled.abort();
  promise.then(settle, settle);
  await sleep(clock, timeoutMs, settled.signal);
  return settled.signal.aborted;
}
