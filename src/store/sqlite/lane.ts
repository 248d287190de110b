/**
 * The lane of a session: what is to be done in it. `due_at` is the one thing a claim looks at; these
 * are the only writers of it besides accept, which opens an idle lane.
 */
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { recordEvent } from "./lifecycle-events.ts";
import type { SessionRow } from "./rows.ts";

/** After a turn has ended: due at once if messages wait, else idle. */
export function nextDueAt({ db }: Context, sessionId: string, claimedSeq: number, now: number): number | null {
  const waiting = db.get(
    `SELECT 1 FROM message WHERE session_id = ? AND seq > ? AND state = 'waiting' LIMIT 1`,
    sessionId,
    claimedSeq,
  );
  return waiting === undefined ? null : now;
}

export interface Cancelled {
  readonly turnId: string | null;
  readonly messages: number;
}

/**
 * Cancels the turn of a session and all that waits in it, and raises the fence: a holder of the
 * turn, on whatever node, finds its token stale at its next write.
 */
export function cancelLane({ db }: Context, row: SessionRow, now: number): Cancelled {
  const first = row.turn_id === null ? row.claimed_seq + 1 : (turnStart(db, row.turn_id) ?? row.claimed_seq + 1);
  const messages = db.run(
    `UPDATE message SET state = 'cancelled' WHERE session_id = ? AND seq >= ? AND state IN ('running', 'waiting')`,
    row.id,
    first,
  );
  if (row.turn_id !== null) {
    db.run(`UPDATE turn SET state = 'cancelled', node = NULL, ended_at = ? WHERE id = ?`, now, row.turn_id);
    db.run(
      `UPDATE delivery SET state = 'failed', error = 'The turn was cancelled.', settled_at = ? WHERE turn_id = ? AND state = 'open'`,
      now,
      row.turn_id,
    );
    recordEvent(db, row.id, { type: "turn:end", turnId: row.turn_id, outcome: "cancelled" }, now);
  }
  if (row.turn_id !== null || messages > 0) {
    db.run(
      `UPDATE session SET fence = fence + 1, turn_id = NULL, due_at = NULL, claimed_seq = last_seq WHERE id = ?`,
      row.id,
    );
  }
  return { turnId: row.turn_id, messages };
}

function turnStart(db: Database, turnId: string): number | undefined {
  return db.get<{ first_seq: number }>(`SELECT first_seq FROM turn WHERE id = ?`, turnId)?.first_seq;
}
