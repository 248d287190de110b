/**
 * A newer message ends a turn. Which messages are newer was settled when the turn began: what waited then and
 * was left out, because a turn takes so many or those of one age, cannot join it now either. So each message
 * interrupts at most one turn, and a turn that nobody writes into comes to its end.
 */
import { isBlank } from "../../core/message.ts";
import type { Lease } from "../../core/turn.ts";
import type { InterruptOutcome, InterruptedAnswer } from "../turn-store.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { held } from "./held.ts";
import { nextDueAt } from "./lane.ts";
import { recordEvent } from "./lifecycle-events.ts";
import type { SessionRow } from "./rows.ts";
import { say } from "./say.ts";

/** A turn by the range of its messages. */
export interface TurnRange {
  readonly id: string;
  readonly first_seq: number;
  readonly last_seq: number;
}

export function interruptTurn(context: Context, lease: Lease, answer: InterruptedAnswer): InterruptOutcome {
  const row = held(context, lease);
  if (row === undefined) return { outcome: "lost" };
  const turn = interruptible(context.db, row);
  if (turn === null) return { outcome: "alone" };
  const now = context.clock.now();
  const { text, pieces, restMs } = answer;
  const said = isBlank(text) ? [] : say(context, row, turn.id, [{ role: "assistant", text, pieces }], now, restMs);
  endInterrupted(context, row, turn, now);
  return { outcome: "interrupted", entries: said.map((entry) => ({ ...entry, follows: turn.last_seq })) };
}

/** The turn of a session, if a message has come since it began that can be answered with its own. */
export function interruptible(db: Database, row: SessionRow): TurnRange | null {
  const turn = db.get<TurnRange>(
    `SELECT id, first_seq, last_seq FROM turn WHERE id = ? AND retry_of IS NULL
       AND (SELECT min(seq) FROM message WHERE session_id = ? AND seq > ? AND state = 'waiting') > known_seq`,
    row.turn_id,
    row.id,
    row.claimed_seq,
  );
  return turn ?? null;
}

/** Ends a turn whose messages wait again from now on; returns its session's row. */
export function endInterrupted(context: Context, row: SessionRow, turn: TurnRange, now: number): SessionRow {
  const { db } = context;
  db.run(
    `UPDATE message SET follows = ? WHERE session_id = ? AND seq > ? AND turn_id = ? AND role <> 'user'`,
    turn.last_seq,
    row.id,
    turn.last_seq,
    turn.id,
  );
  db.run(
    `UPDATE message SET state = 'waiting', turn_id = NULL
     WHERE session_id = ? AND seq BETWEEN ? AND ? AND turn_id = ? AND state = 'running'`,
    row.id,
    turn.first_seq,
    turn.last_seq,
    turn.id,
  );
  db.run(`UPDATE turn SET state = 'interrupted', node = NULL, ended_at = ? WHERE id = ?`, now, turn.id);
  const claimedSeq = turn.first_seq - 1;
  const ended = db.get<SessionRow>(
    `UPDATE session SET fence = fence + 1, turn_id = NULL, claimed_seq = ?, due_at = ? WHERE id = ? RETURNING *`,
    claimedSeq,
    nextDueAt(context, { ...row, claimed_seq: claimedSeq }, now),
    row.id,
  );
  if (ended === undefined) throw new Error(`turn ${turn.id} has no session; run \`parlor doctor\``);
  recordEvent(db, row.id, { type: "turn:end", turnId: turn.id, outcome: "interrupted" }, now);
  return ended;
}
