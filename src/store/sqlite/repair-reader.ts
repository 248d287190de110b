import { type Delivery } from "../../core/delivery.ts";
import { TURN_STATES, type TurnState } from "../../core/turn.ts";
import type { Page } from "../reader.ts";
import type { DeliveryQuery, TurnDetail, TurnQuery, TurnSummary } from "../repair-store.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./cursor.ts";
import type { Database } from "./database.ts";
import { type DeliveryRow, ENTRY_COLUMNS, type MessageRow, deliveryOf, entryOf } from "./rows.ts";
import { usageOf } from "./transcript-reader.ts";

interface TurnRow {
  readonly id: string;
  readonly session_id: string;
  readonly state: TurnState;
  readonly attempt: number;
  readonly reason: string | null;
  readonly node: string | null;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly retry_of: string | null;
  readonly retried_by: string | null;
}

const TURN_COLUMNS = `t.*, (SELECT id FROM turn WHERE retry_of = t.id) AS retried_by`;

/**
 * A page of turns by (started_at, id), newest first. The index turn_list keeps one ordered run for each
 * state, merged as those of the list of sessions are; of one session its own run is read.
 */
export function listTurns(db: Database, query: TurnQuery): Page<TurnSummary> {
  const limit = pageLimit(query.limit);
  const before: readonly [number, string] =
    query.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ""] : decodeCursor(query.cursor, "number", "string");
  const { sessionId } = query;
  const states = query.state === undefined ? TURN_STATES : [query.state];
  const rows =
    sessionId === undefined
      ? states
          .flatMap((state) => runOfState(db, state, before, limit + 1))
          .toSorted((a, b) => b.started_at - a.started_at || (a.id < b.id ? 1 : -1))
      : runOfSession(db, sessionId, query.state ?? null, before, limit + 1);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(summaryOf),
    nextCursor: last === undefined ? null : encodeCursor(last.started_at, last.id),
  };
}

function runOfState(db: Database, state: TurnState, before: readonly [number, string], limit: number): TurnRow[] {
  return db.all<TurnRow>(
    `SELECT ${TURN_COLUMNS} FROM turn AS t WHERE state = ? AND (started_at, id) < (?, ?)
     ORDER BY started_at DESC, id DESC LIMIT ?`,
    state,
    ...before,
    limit,
  );
}

function runOfSession(
  db: Database,
  sessionId: string,
  state: TurnState | null,
  before: readonly [number, string],
  limit: number,
): TurnRow[] {
  return db.all<TurnRow>(
    `SELECT ${TURN_COLUMNS} FROM turn AS t
     WHERE session_id = ? AND (started_at, id) < (?, ?) AND (? IS NULL OR +state = ?)
     ORDER BY started_at DESC, id DESC LIMIT ?`,
    sessionId,
    ...before,
    state,
    state,
    limit,
  );
}

export function readTurn(db: Database, id: string): TurnDetail | null {
  const row = db.get<TurnRow>(`SELECT ${TURN_COLUMNS} FROM turn AS t WHERE id = ?`, id);
  if (row === undefined) return null;
  const messages = row.state === "interrupted" ? passedOn(db, row) : ownMessages(db, row);
  const entries = db.all<MessageRow>(
    `SELECT ${ENTRY_COLUMNS} FROM message AS m
     WHERE session_id = ? AND seq > ? AND turn_id = ? AND role <> 'user' ORDER BY seq`,
    row.session_id,
    row.last_seq,
    id,
  );
  const deliveries = db.all<DeliveryRow>(
    `SELECT * FROM delivery WHERE session_id = ? AND turn_id = ? ORDER BY number`,
    row.session_id,
    id,
  );
  return {
    ...summaryOf(row),
    messages: messages.map(entryOf),
    entries: entries.map(entryOf),
    usage: usageOf(db, id),
    deliveries: deliveries.map(deliveryOf),
  };
}

/** Retried by hand, its messages belong to the last of the turns that answer them again. */
function ownMessages(db: Database, turn: TurnRow): MessageRow[] {
  return db.all<MessageRow>(
    `WITH RECURSIVE tries (id) AS (VALUES (?) UNION ALL SELECT turn.id FROM tries JOIN turn ON retry_of = tries.id)
     SELECT ${ENTRY_COLUMNS} FROM message AS m
     WHERE session_id = ? AND seq BETWEEN ? AND ? AND role = 'user' AND turn_id IN (SELECT id FROM tries) ORDER BY seq`,
    turn.id,
    turn.session_id,
    turn.first_seq,
    turn.last_seq,
  );
}

/** Those of an interrupted turn belong to the turns after it. Among them stands nothing else that was said to the agent. */
function passedOn(db: Database, turn: TurnRow): MessageRow[] {
  return db.all<MessageRow>(
    `SELECT ${ENTRY_COLUMNS} FROM message AS m
     WHERE session_id = ? AND seq BETWEEN ? AND ? AND role = 'user' AND state <> 'overheard' ORDER BY seq`,
    turn.session_id,
    turn.first_seq,
    turn.last_seq,
  );
}

function summaryOf(row: TurnRow): TurnSummary {
  return {
    id: row.id,
    sessionId: row.session_id,
    state: row.state,
    attempt: row.attempt,
    reason: row.reason,
    node: row.node,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    retryOf: row.retry_of,
    retriedBy: row.retried_by,
  };
}

/** As the index delivery_list has it. */
export const EVERY_STATE = "'open', 'pending', 'sending', 'sent', 'failed', 'unknown', 'dropped'";

/** A page of deliveries by number, newest first, from the index that fits: those of a session, of a state, or all. */
export function listDeliveries(db: Database, query: DeliveryQuery): Page<Delivery> {
  const limit = pageLimit(query.limit);
  const { sessionId, state } = query;
  const [before] = query.cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(query.cursor, "number");
  const filters = [
    ...(sessionId === undefined ? [] : ["session_id = ? AND"]),
    ...(state === undefined
      ? []
      : [sessionId === undefined ? `state IN (${EVERY_STATE}) AND state = ? AND` : "+state = ? AND"]),
  ];
  const rows = db.all<DeliveryRow>(
    `SELECT * FROM delivery WHERE ${filters.join(" ")} number < ? ORDER BY number DESC LIMIT ?`,
    ...(sessionId === undefined ? [] : [sessionId]),
    ...(state === undefined ? [] : [state]),
    before,
    limit + 1,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(deliveryOf),
    nextCursor: last === undefined ? null : encodeCursor(last.number),
  };
}
