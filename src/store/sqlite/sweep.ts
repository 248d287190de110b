import type { Context } from "./context.ts";
import { LONGEST_REST_MS } from "./delivery-writer.ts";
import { busyPolicy } from "./lane.ts";
import { forgetEvents } from "./recorded-events.ts";
import type { SessionRow } from "./rows.ts";

/** The most rows one step removes: bounds how long the event loop is held. */
const STEP = 500;

export interface Retention {
  readonly receiptMs: number;
  readonly eventMs: number;
}

/** Removes one step of what has served its time, and frees what a clock holds up; true when there may be more. */
export function sweepStep(context: Context, retention: Retention): boolean {
  const { db, clock } = context;
  const now = clock.now();
  dueNow(context, now);
  // Receipts, events and notes are numbered as they are made, so the oldest stand first: no index is needed.
  const receipts = db.run(
    `DELETE FROM receipt WHERE number IN (SELECT number FROM receipt ORDER BY number LIMIT ${STEP}) AND created_at < ?`,
    now - retention.receiptMs,
  );
  const events = db.all<{ id: number }>(
    `DELETE FROM lifecycle_event
     WHERE id IN (SELECT id FROM lifecycle_event WHERE state <> 'waiting' ORDER BY id LIMIT ${STEP}) AND at < ?
     RETURNING id`,
    now - retention.eventMs,
  );
  if (events.length > 0) forgetEvents(db, Math.max(...events.map(({ id }) => id)));
  const loose = db.run(
    `DELETE FROM delivery WHERE number IN (
       SELECT number FROM delivery WHERE session_id IS NULL AND settled_at < ? ORDER BY settled_at LIMIT ${STEP}
     )`,
    now - retention.receiptMs,
  );
  const notes = db.run(
    `DELETE FROM draft_note WHERE number IN (SELECT number FROM draft_note ORDER BY number LIMIT ${STEP}) AND expires_at < ?`,
    now,
  );
  return [receipts, events.length, loose, notes].includes(STEP);
}

/**
 * What waits for its first attempt was due when it was written, or one debounce or one rest later. It stands
 * further in the future only after the clock of the machine was set back, and would wait until that time comes again.
 */
function dueNow(context: Context, now: number): void {
  const { db } = context;
  const putOff = db.all<Pick<SessionRow, "id" | "platform" | "chat_type"> & { readonly due_at: number }>(
    `SELECT id, platform, chat_type, due_at FROM session WHERE due_at > ? AND turn_id IS NULL`,
    now,
  );
  for (const row of putOff) {
    if (row.due_at <= now + busyPolicy(context, row).debounceMs) continue;
    db.run(`UPDATE session SET due_at = ? WHERE id = ?`, now, row.id);
  }
  db.run(
    `UPDATE delivery SET due_at = ? WHERE due_at > ? AND state = 'pending' AND attempt = pardoned`,
    now,
    now + LONGEST_REST_MS,
  );
  db.run(`UPDATE lifecycle_event SET due_at = ? WHERE due_at > ? AND attempt = 0`, now, now);
}
