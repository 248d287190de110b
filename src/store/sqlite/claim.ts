/**
 * Claims. A claim is one immediate transaction, so of any number of nodes one takes a session; it
 * raises the fence, so whoever held the turn before can change nothing any more.
 */
import { randomId } from "../../lib/id.ts";
import { type BusyPolicy } from "../../core/busy-policy.ts";
import { firstGroup } from "../../core/turn-group.ts";
import type { Turn } from "../../core/turn.ts";
import type { ClaimRequest } from "../turn-store.ts";
import type { Context } from "./context.ts";
import { type TurnRange, endInterrupted } from "./interrupt.ts";
import { busyPolicy } from "./lane.ts";
import { recordEvent } from "./lifecycle-events.ts";
import { ENTRY_COLUMNS, type MessageRow, type SessionRow, entryOf, sessionOf } from "./rows.ts";

interface TurnRow extends TurnRange {
  readonly attempt: number;
  readonly first: number;
  readonly started_at: number;
  readonly retry_of: string | null;
}

export function claimTurn(context: Context, claim: ClaimRequest): Turn | null {
  const { db, clock } = context;
  const now = clock.now();
  const due = nextTurn(context, claim, now);
  if (due === null) return null;
  const { row, turn } = due;
  const fence = row.fence + 1;
  db.run(
    `UPDATE session SET fence = ?, turn_id = ?, claimed_seq = max(claimed_seq, ?), due_at = ? WHERE id = ?`,
    fence,
    turn.id,
    turn.last_seq,
    now + claim.leaseMs,
    row.id,
  );
  // What an interrupted turn has begun to send is the beginning of this one's answer.
  db.run(`UPDATE delivery SET turn_id = ? WHERE session_id = ? AND state = 'open'`, turn.id, row.id);
  recordEvent(db, row.id, { type: "turn:start", turnId: turn.id, attempt: turn.attempt }, now);
  return {
    lease: { turnId: turn.id, sessionId: row.id, fence },
    session: sessionOf(row),
    attempt: turn.attempt,
    first: turn.first === 1,
    messages: turnMessages(context, row.id, turn),
    interrupted: saidToThem(context, row.id, turn),
    startedAt: turn.started_at,
    byHand: turn.retry_of !== null,
  };
}

/** A session as it stands, and the turn to be run in it. */
interface Due {
  readonly row: SessionRow;
  readonly turn: TurnRow;
}

/**
 * The session that has waited longest, and its turn. One that is damaged is passed over, so that it
 * holds up itself alone; it is spoken of when nothing else is left to do.
 */
function nextTurn(context: Context, claim: ClaimRequest, now: number): Due | null {
  let damaged: string | undefined;
  for (let passed = 0; ; passed += 1) {
    const row = context.db.get<SessionRow>(
      `SELECT * FROM session WHERE due_at <= ? ORDER BY due_at LIMIT 1 OFFSET ?`,
      now,
      passed,
    );
    if (row === undefined) break;
    const policy = busyPolicy(context, row);
    const due =
      row.turn_id === null
        ? beginTurn(context, row, policy, claim, now)
        : takeUpTurn(context, row, row.turn_id, policy, claim, now);
    if (due !== null) return due;
    damaged ??= row.id;
  }
  if (damaged === undefined) return null;
  throw new Error(`session ${damaged} is due and nothing waits or runs in it; run \`parlor doctor\``);
}

/** Freezes the first of what waits, oldest first, as the messages of a new turn; null when nothing does. */
function beginTurn({ db }: Context, row: SessionRow, policy: BusyPolicy, claim: ClaimRequest, now: number): Due | null {
  const waiting = db.all<{ seq: number; sentAt: number }>(
    `SELECT seq, coalesce(sent_at, created_at) AS sentAt FROM message
     WHERE session_id = ? AND seq > ? AND state = 'waiting' ORDER BY seq LIMIT ?`,
    row.id,
    row.claimed_seq,
    claim.maxMessages,
  );
  const group = firstGroup(policy, waiting, claim, now);
  const [oldest, newest] = [group[0], group.at(-1)];
  if (oldest === undefined || newest === undefined) return null;
  const first =
    db.get(`SELECT 1 FROM turn WHERE session_id = ? AND state NOT IN ('cancelled', 'interrupted') LIMIT 1`, row.id) ===
    undefined;
  const turn: TurnRow = {
    id: randomId("trn"),
    attempt: 1,
    first: Number(first),
    first_seq: oldest.seq,
    last_seq: newest.seq,
    started_at: now,
    retry_of: null,
  };
  db.run(
    `INSERT INTO turn (id, session_id, state, attempt, first, first_seq, last_seq, known_seq, node, started_at) VALUES (?, ?, 'running', 1, ?, ?, ?, ?, ?, ?)`,
    turn.id,
    row.id,
    turn.first,
    turn.first_seq,
    turn.last_seq,
    row.last_seq,
    claim.node,
    now,
  );
  db.run(
    `UPDATE message SET state = 'running', turn_id = ? WHERE session_id = ? AND seq BETWEEN ? AND ? AND state = 'waiting'`,
    turn.id,
    row.id,
    turn.first_seq,
    turn.last_seq,
  );
  return { row, turn };
}

/**
 * Takes up a turn whose back-off is over, whose holder let its lease run out, or that somebody asked for; null
 * when there is none. Under `interrupt`, one that newer messages can join gives way to a turn of all of them.
 */
function takeUpTurn(
  context: Context,
  row: SessionRow,
  id: string,
  policy: BusyPolicy,
  claim: ClaimRequest,
  now: number,
): Due | null {
  const { db } = context;
  const grown = policy.mode === "interrupt" ? growing(context, row, id, policy, claim, now) : null;
  if (grown !== null) return beginTurn(context, endInterrupted(context, row, grown, now), policy, claim, now);
  const turn = db.get<TurnRow>(
    `UPDATE turn SET state = 'running', attempt = attempt + 1, node = ? WHERE id = ?
     RETURNING id, attempt, first, first_seq, last_seq, started_at, retry_of`,
    claim.node,
    id,
  );
  return turn === undefined ? null : { row, turn };
}

/** The turn, if its messages would become one with newer ones now; not one that was asked for by hand. */
function growing(
  { db }: Context,
  row: SessionRow,
  id: string,
  policy: BusyPolicy,
  claim: ClaimRequest,
  now: number,
): TurnRange | null {
  const turn = db.get<TurnRange>(`SELECT id, first_seq, last_seq FROM turn WHERE id = ? AND retry_of IS NULL`, id);
  if (turn === undefined || row.last_seq === turn.last_seq) return null;
  const unanswered = db.all<{ seq: number; sentAt: number }>(
    `SELECT seq, coalesce(sent_at, created_at) AS sentAt FROM message
     WHERE session_id = ? AND seq >= ? AND state IN ('running', 'waiting') ORDER BY seq LIMIT ?`,
    row.id,
    turn.first_seq,
    claim.maxMessages,
  );
  const newest = firstGroup(policy, unanswered, claim, now).at(-1);
  return newest !== undefined && newest.seq > turn.last_seq ? turn : null;
}

function turnMessages({ db }: Context, sessionId: string, turn: TurnRow): Turn["messages"] {
  return db
    .all<MessageRow>(
      `SELECT ${ENTRY_COLUMNS} FROM message AS m WHERE session_id = ? AND seq BETWEEN ? AND ? AND turn_id = ? ORDER BY seq`,
      sessionId,
      turn.first_seq,
      turn.last_seq,
      turn.id,
    )
    .map(entryOf);
}

/** What interrupted turns have said to the messages of this one. */
function saidToThem({ db }: Context, sessionId: string, turn: TurnRow): Turn["interrupted"] {
  return db
    .all<MessageRow>(
      `SELECT ${ENTRY_COLUMNS} FROM message AS m
       WHERE session_id = ? AND follows BETWEEN ? AND ? AND role = 'assistant' ORDER BY follows, number`,
      sessionId,
      turn.first_seq,
      turn.last_seq,
    )
    .map(entryOf);
}
