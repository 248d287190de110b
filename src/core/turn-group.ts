import type { BusyPolicy } from "./busy-policy.ts";

/** What decides which of the waiting messages become one turn. */
export interface GroupLimits {
  /** The most messages one turn takes. */
  readonly maxMessages: number;
  /** From which age on, in milliseconds, a message is not answered together with younger ones; 0: any age. */
  readonly maxAgeMs: number;
}

/** Whether what was sent then is older than the limit now; never with a limit of 0. */
export function isTooOld(sentAt: number, maxAgeMs: number, now: number): boolean {
  return maxAgeMs > 0 && now - sentAt > maxAgeMs;
}

/**
 * The first of the waiting messages, oldest first, that become one turn: of one age, that is all too old or
 * none of them; with `queue` one alone.
 */
export function firstGroup<Waiting extends { readonly sentAt: number }>(
  { mode }: Pick<BusyPolicy, "mode">,
  waiting: readonly Waiting[],
  { maxMessages, maxAgeMs }: GroupLimits,
  now: number,
): readonly Waiting[] {
  const most = waiting.slice(0, mode === "queue" ? 1 : maxMessages);
  const [oldest] = most;
  if (oldest === undefined) return [];
  const isOld = isTooOld(oldest.sentAt, maxAgeMs, now);
  const end = most.findIndex(({ sentAt }) => isTooOld(sentAt, maxAgeMs, now) !== isOld);
  return end < 0 ? most : most.slice(0, end);
}
