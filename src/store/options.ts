import type { BusyRules } from "../core/busy-policy.ts";
import type { ResetRules } from "../core/reset-policy.ts";
import type { Scope } from "../core/session-key.ts";
import type { Clock } from "../lib/clock.ts";

/** What every store is opened with. */
export interface StoreOptions {
  /** Default: nothing ends by itself. */
  readonly reset?: ResetRules;
  /** Default: what waits becomes one turn, at once; at most a hundred messages wait in a session. */
  readonly busy?: BusyRules;
  /** Default: groups per person, threads shared. */
  readonly scope?: Scope;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** How long a receipt is kept, in milliseconds; at least 24 hours. Default: 7 days. */
  readonly receiptRetentionMs?: number;
  /** How long a lifecycle event is kept, in milliseconds. Default: 7 days. */
  readonly eventRetentionMs?: number;
}
