/**
 * The lane of a session: what is to be done in it. `due_at` is the one thing a claim looks at: at once, or
 * when the debounce is over, while messages wait. It is stored, so a restart neither loses nor begins one.
 */
import { type BusyPolicy, waitingDueAt } from "../../core/busy-policy.ts";
import { policyFor } from "../../core/platform-rules.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { recordEvent } from "./lifecycle-events.ts";
import type { SessionRow } from "./rows.ts";

/** What is to be known of a session to work on its lane. */
type Lane = Pick<SessionRow, "id" | "platform" | "chat_type" | "last_seq" | "claimed_seq" | "turn_id" | "due_at">;

export function busyPolicy({ busy }: Context, row: Pick<SessionRow, "platform" | "chat_type">): BusyPolicy {
  return policyFor(busy, { platform: row.platform, chatType: row.chat_type });
}

/** When the lane of a session is due whose first message comes now. */
export function openedDueAt(policy: BusyPolicy, now: number): number {
  return waitingDueAt(policy, { oldestAt: now, newestAt: now }, now);
}

/**
 * When a lane is due in which one more message waits from now on. A turn that runs keeps its time, and a lane that
 * is due its place: where nodes have more to do than they can, whoever goes on writing would never be answered.
 */
export function joinedDueAt({ db }: Context, policy: BusyPolicy, row: Lane, now: number): number {
  if (row.due_at === null) return openedDueAt(policy, now);
  if (row.turn_id !== null || row.due_at <= now) return row.due_at;
  return waitingDueAt(policy, { oldestAt: waitingTimes(db, row)?.oldestAt ?? now, newestAt: now }, now);
}

/** After a turn has ended: idle, or due when what waits may be claimed. */
export function nextDueAt(context: Context, row: Lane, now: number): number | null {
  const { db } = context;
  const waiting = db.get(
    `SELECT 1 FROM message WHERE session_id = ? AND seq > ? AND state = 'waiting' LIMIT 1`,
    row.id,
    row.claimed_seq,
  );
  if (waiting === undefined) return null;
  const policy = busyPolicy(context, row);
  const times = policy.debounceMs === 0 ? null : waitingTimes(db, row);
  return times === null ? now : waitingDueAt(policy, times, now);
}

/**
 * When the oldest and the newest were accepted of the waiting messages that no turn has had. Those of an
 * interrupted turn are older than any debounce, and would end it for the message that has interrupted.
 */
function waitingTimes(db: Database, row: Lane): { readonly oldestAt: number; readonly newestAt: number } | null {
  const times = db.get<{ readonly oldestAt: number; readonly newestAt: number } | { readonly oldestAt: null }>(
    `SELECT min(created_at) AS oldestAt, max(created_at) AS newestAt FROM message
     WHERE session_id = ? AND state = 'waiting'
       AND seq > max(?, (SELECT coalesce(max(last_seq), 0) FROM turn WHERE session_id = ? AND state = 'interrupted'))`,
    row.id,
    row.claimed_seq,
    row.id,
  );
  return times === undefined || times.oldestAt === null ? null : times;
}

/** How many messages wait, when that is as many as may; else null. Mostly two numbers of the row tell. */
export function overflow({ db }: Context, { maxWaiting }: BusyPolicy, row: Lane): number | null {
  if (row.due_at === null || row.last_seq - row.claimed_seq < maxWaiting) return null;
  const waiting =
    db.get<{ n: number }>(
      `SELECT count(*) AS n FROM message WHERE session_id = ? AND seq > ? AND state = 'waiting'`,
      row.id,
      row.claimed_seq,
    )?.n ?? 0;
  return waiting < maxWaiting ? null : waiting;
}

export interface Cancelled {
  readonly turnId: string | null;
  readonly messages: number;
  readonly answering: number;
  readonly waiting: number;
}

/**
 * Cancels the turn of a session and all that waits in it, with the debounce, and raises the fence: a holder
 * of the turn, on whatever node, finds its token stale at its next write.
 */
export function cancelLane({ db }: Context, row: SessionRow, now: number): Cancelled {
  const answering = row.turn_id === null ? 0 : cancelAnswering(db, row.id, row.turn_id);
  const waiting = db.run(
    `UPDATE message SET state = 'cancelled' WHERE session_id = ? AND seq > ? AND state = 'waiting'`,
    row.id,
    row.claimed_seq,
  );
  const messages = answering + waiting;
  if (row.turn_id !== null) {
    db.run(`UPDATE turn SET state = 'cancelled', node = NULL, ended_at = ? WHERE id = ?`, now, row.turn_id);
    recordEvent(db, row.id, { type: "turn:end", turnId: row.turn_id, outcome: "cancelled" }, now);
  }
  if (row.turn_id !== null || messages > 0) {
    // Of the turn that runs, or of one that was interrupted and left it to the turn that comes no more.
    db.run(
      `UPDATE delivery SET state = 'dropped', error = 'The turn was cancelled.', settled_at = ? WHERE session_id = ? AND state = 'open'`,
      now,
      row.id,
    );
    db.run(
      `UPDATE session SET fence = fence + 1, turn_id = NULL, due_at = NULL, claimed_seq = last_seq WHERE id = ?`,
      row.id,
    );
  }
  return { turnId: row.turn_id, messages, answering, waiting };
}

function cancelAnswering(db: Database, sessionId: string, turnId: string): number {
  return db.run(
    `UPDATE message SET state = 'cancelled' WHERE session_id = ? AND turn_id = ? AND state = 'running'
       AND seq BETWEEN (SELECT first_seq FROM turn WHERE id = ?) AND (SELECT last_seq FROM turn WHERE id = ?)`,
    sessionId,
    turnId,
    turnId,
    turnId,
  );
}
