/**
 * The promise's own outcome, or a rejection with the signal's reason as soon as that is aborted: the
 * caller goes on even when the work does not listen to its signal. What such work comes to is not heard.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
