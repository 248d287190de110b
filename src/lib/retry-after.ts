/** A far side cannot ask for a longer wait than this, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** The two forms of the header `retry-after`, seconds and a date, as a wait in milliseconds; at most an hour. */
export function readRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const waitMs = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}
