/**
 * How many sessions a gateway that writes a row for every event would have written in vain: the keys
 * that sent signals and no word. A key that speaks later is no longer one of them.
 *
 *     counting exactly ──a key more than `cap`──▶ estimating (until the process ends)
 *
 * Exactly: `silent` holds every such key. Estimating: `silent` keeps the keys it holds and takes no
 * more; what does not fit goes into two sketches that never grow. `union` has seen the keys that
 * signalled since and those that opened a session since, `opened` the latter alone; their difference
 * is the number of keys that only signalled. A key is in `silent` or in the sketches, never in both.
 */
import type { SessionKey } from "../core/session-key.ts";
import { createDistinctCount, hash52, type DistinctCount } from "../lib/distinct-count.ts";

/** How many keys are counted exactly, in about 3 MB. */
export const EXACT_KEYS = 65_536;

export interface AvoidedSessions {
  /** A key without a stored session sent a signal. */
  signalled(key: SessionKey): void;
  /** A session of the key was opened. */
  opened(key: SessionKey): void;
  /** Whether the key is surely counted. False may also mean that it is somewhere in the sketches. */
  has(key: SessionKey): boolean;
  count(): { readonly keys: number; readonly precision: "exact" | "estimate" };
}

export function createAvoidedSessions(cap: number = EXACT_KEYS): AvoidedSessions {
  const silent = new Set<number>();
  let overflow: { readonly union: DistinctCount; readonly opened: DistinctCount } | null = null;

  return {
    signalled: (key) => {
      const hash = hash52(key);
      if (silent.has(hash)) return;
      if (overflow === null && silent.size < cap) {
        silent.add(hash);
        return;
      }
      overflow ??= { union: createDistinctCount(), opened: createDistinctCount() };
      overflow.union.add(hash);
    },
    opened: (key) => {
      const hash = hash52(key);
      if (silent.delete(hash) || overflow === null) return;
      overflow.union.add(hash);
      overflow.opened.add(hash);
    },
    has: (key) => silent.has(hash52(key)),
    count: () => {
      if (overflow === null) return { keys: silent.size, precision: "exact" };
      const beyond = overflow.union.estimate() - overflow.opened.estimate();
      return { keys: silent.size + Math.max(0, Math.round(beyond)), precision: "estimate" };
    },
  };
}
