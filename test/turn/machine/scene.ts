/** What the machine runs under, small enough that every bound is met. */
import type { BusyRules } from "../../../src/core/busy-policy.ts";

export const MODES = ["queue", "collect", "interrupt"] as const;
export const PEOPLE: number = 2 * MODES.length;
export const LEASE_MS = 30_000;
const DEBOUNCE_MS = 2_000;
export const MAX_AGE_MS = 3_600_000;
export const MAX_WAITING = 4;
export const MAX_ATTEMPTS = 3;
export const MAX_MESSAGES = 3;

/** A person on the platform that is named after its mode. */
export const BUSY: BusyRules = {
  default: { mode: "collect", debounceMs: 0, maxWaiting: MAX_WAITING },
  rules: [
    { platform: "queue", policy: { mode: "queue", debounceMs: 0, maxWaiting: MAX_WAITING } },
    { platform: "collect", policy: { mode: "collect", debounceMs: DEBOUNCE_MS, maxWaiting: MAX_WAITING } },
    { platform: "interrupt", policy: { mode: "interrupt", debounceMs: 0, maxWaiting: MAX_WAITING } },
  ],
};
