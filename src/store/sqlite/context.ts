import type { BusyRules } from "../../core/busy-policy.ts";
import { policyFor } from "../../core/platform-rules.ts";
import { type ResetRules, dueReset } from "../../core/reset-policy.ts";
import { type Scope, type SessionKey, sessionKey } from "../../core/session-key.ts";
import type { ResetReason } from "../../core/session.ts";
import type { Source } from "../../core/source.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Database } from "./database.ts";
import type { SessionRow } from "./rows.ts";

/** What the verbs of the store work with. */
export interface Context {
  readonly db: Database;
  /** The installation's secret: the key of every hash. */
  readonly secret: Uint8Array;
  readonly scope: Scope;
  readonly reset: ResetRules;
  readonly busy: BusyRules;
  readonly clock: Clock;
}

export function keyOf(context: Context, source: Source): SessionKey {
  return sessionKey(source, context.scope);
}

/** Why the life in this row is over at `now`; null while it goes on, and while a turn runs or waits in it. */
export function overdue(context: Context, row: SessionRow, now: number): ResetReason | null {
  if (row.due_at !== null || row.turn_id !== null) return null;
  const policy = policyFor(context.reset, { platform: row.platform, chatType: row.chat_type });
  return dueReset(policy, { startedAt: row.started_at, lastUserMessageAt: row.last_user_message_at }, now);
}
