/**
 * The calls of one streamed reply to its platform, and when they may be made.
 *
 * Invariants: a call takes a limited time and never rejects; the next begins no earlier than the platform's pace,
 * and what the last one came to, allow. While a call is on its way, and for as long as the platform asks after
 * it, the message has to rest before it is sent in full.
 */
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { SendOutcome } from "../platform/platform.ts";

export interface StreamingCallsOptions {
  readonly clock: Clock;
  /** The least time between the beginnings of two calls, in milliseconds. */
  readonly intervalMs: number;
  /** Aborted when no call may go on. */
  readonly signal: AbortSignal;
}

/** How long one call may take, in milliseconds. */
export const CALL_MS = 5_000;
/** How long after a failure it is tried again at the earliest, in milliseconds. */
const AFTER_FAILURE_MS = 3_000;

export class StreamingCalls {
  readonly #options: StreamingCallsOptions;
  /** On the monotonic clock: no call begins earlier. */
  #notBefore = 0;
  /** On the monotonic clock: what is sent in full should not be sent earlier. */
  #restUntil = 0;

  constructor(options: StreamingCallsOptions) {
    this.#options = options;
  }

  /** How long the next call has to wait, in milliseconds; 0 or less: it may begin. */
  get waitMs(): number {
    return this.#notBefore - this.#options.clock.monotonic();
  }

  /** How long the message has to rest before it is sent in full, in milliseconds. */
  get restMs(): number {
    return Math.max(0, Math.ceil(this.#restUntil - this.#options.clock.monotonic()));
  }

  /** The next call begins no earlier than in so many milliseconds. */
  waitFor(waitMs: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#options.clock.monotonic() + waitMs);
  }

  /** Makes a call; until it is answered the message has to rest for up to `restMs`. */
  async make(restMs: number, run: (signal: AbortSignal) => Promise<SendOutcome>): Promise<SendOutcome> {
    this.waitFor(this.#options.intervalMs);
    using limit = this.limit();
    try {
      return await this.resting(restMs, () => untilAborted(run(limit.signal), limit.signal));
    } catch {
      return { outcome: "ambiguous", error: "no answer" };
    }
  }

  /** While `run` goes on the message has to rest for up to `restMs`. */
  async resting<T>(restMs: number, run: () => Promise<T>): Promise<T> {
    const restedUntil = this.#restUntil;
    this.#restFor(restMs);
    try {
      return await run();
    } finally {
      this.#restUntil = restedUntil;
    }
  }

  /** Aborted after the time of one call, or when none may go on; dispose it to let go of its timer. */
  limit(): Disposable & { readonly signal: AbortSignal } {
    const { clock, signal } = this.#options;
    const limit = new AbortController();
    const cancel = clock.timer(CALL_MS, () => limit.abort());
    return { signal: AbortSignal.any([limit.signal, signal]), [Symbol.dispose]: cancel };
  }

  /** Takes in what a call came to: whether there is any use in another, which then waits its time. */
  conclude(sent: SendOutcome): boolean {
    switch (sent.outcome) {
      case "sent":
        this.#restFor(sent.restMs ?? 0);
        return sent.remoteId !== null;
      case "later":
        this.waitFor(sent.waitMs);
        return true;
      case "retry":
        this.#restFor(sent.retryAfterMs ?? 0);
        this.waitFor(Math.max(sent.retryAfterMs ?? 0, AFTER_FAILURE_MS));
        return true;
      case "ambiguous":
        this.waitFor(AFTER_FAILURE_MS);
        return true;
      case "gone":
      case "failed":
        return false;
    }
  }

  #restFor(restMs: number): void {
    this.#restUntil = Math.max(this.#restUntil, this.#options.clock.monotonic() + restMs);
  }
}
