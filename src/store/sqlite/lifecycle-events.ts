import type { LifecycleEvent, LifecycleFact } from "../../core/lifecycle-event.ts";
import type { TakenEvent } from "../store.ts";
import { checkWhole } from "./check-whole.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";

/** The setting that exists while hooks are configured. */
const WATCHED = "lifecycle_events_watched";

/** Records what the current transaction makes true. It waits for hooks only while there are any. */
export function recordEvent(db: Database, sessionId: string, fact: LifecycleFact, at: number): void {
  const { type, ...data } = fact;
  const watched = db.get(`SELECT 1 FROM setting WHERE name = '${WATCHED}'`) !== undefined;
  const head =
    watched &&
    db.get(`SELECT 1 FROM lifecycle_event WHERE session_id = ? AND state = 'waiting'`, sessionId) === undefined;
  db.run(
    `INSERT INTO lifecycle_event (session_id, type, data, at, state, due_at) VALUES (?, ?, ?, ?, ?, ?)`,
    sessionId,
    type,
    JSON.stringify(data),
    at,
    watched ? "waiting" : "unwatched",
    head ? at : null,
  );
}

export function watchEvents({ db }: Context): void {
  db.run(`INSERT INTO setting (name, value) VALUES ('${WATCHED}', 1) ON CONFLICT DO NOTHING`);
}

export function unwatchEvents({ db }: Context): void {
  if (db.run(`DELETE FROM setting WHERE name = '${WATCHED}'`) === 0) return;
  db.run(`UPDATE lifecycle_event SET state = 'unwatched', due_at = NULL WHERE state = 'waiting'`);
}

export interface EventRow {
  readonly id: number;
  readonly session_id: string;
  readonly type: LifecycleEvent["type"];
  readonly data: string;
  readonly at: number;
}

/**
 * Only the oldest waiting event of a session has a due time, so one taker at a time works on a
 * session; taking moves the due time to the lease's end in the same transaction.
 */
export function takeEvents(
  context: Context,
  request: { readonly leaseMs: number; readonly limit: number },
): TakenEvent[] {
  const { db } = context;
  const now = context.clock.now();
  const rows = db.all<EventRow & { readonly attempt: number }>(
    `UPDATE lifecycle_event SET attempt = attempt + 1, due_at = ?
     WHERE id IN (SELECT id FROM lifecycle_event WHERE due_at <= ? ORDER BY due_at, id LIMIT ?)
     RETURNING id, session_id, type, data, at, attempt`,
    now + request.leaseMs,
    now,
    request.limit,
  );
  return rows.toSorted((a, b) => a.id - b.id).map((row) => ({ event: eventOf(row), attempt: row.attempt }));
}

export function eventOf(row: EventRow): LifecycleEvent {
  return {
    id: row.id,
    sessionId: row.session_id,
    at: row.at,
    type: row.type,
    ...JSON.parse(row.data),
  } as LifecycleEvent;
}

export function settleEvent(context: Context, id: number, result: "done" | "dead" | { readonly dueAt: number }): void {
  const { db } = context;
  if (typeof result === "object") {
    checkWhole("dueAt", result.dueAt);
    db.run(`UPDATE lifecycle_event SET due_at = ? WHERE id = ? AND due_at IS NOT NULL`, result.dueAt, id);
    return;
  }
  const settled = db.get<{ session_id: string }>(
    `UPDATE lifecycle_event SET state = ?, due_at = NULL WHERE id = ? AND state = 'waiting' RETURNING session_id`,
    result,
    id,
  );
  if (settled === undefined) return;
  db.run(
    `UPDATE lifecycle_event SET due_at = ?
     WHERE id = (SELECT min(id) FROM lifecycle_event WHERE session_id = ? AND state = 'waiting')`,
    context.clock.now(),
    settled.session_id,
  );
}
