/**
 * The lifecycle events as they are read by those who follow them. A write transaction gives out ids and
 * commits before the next one begins, so ids become visible in their order; the highest one that was
 * swept away is kept, so that a reader is never shown a list with a hole in it.
 */
import { ParlorError } from "../../core/errors.ts";
import type { EventQuery, EventRange, RecordedEvent } from "../reader.ts";
import { checkWhole } from "./check-whole.ts";
import type { Database } from "./database.ts";
import { type EventRow, eventOf } from "./lifecycle-events.ts";
import { type SessionRow, sessionOf } from "./rows.ts";

const FORGOTTEN = "lifecycle_events_forgotten";

const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 200;

type RecordedRow = { readonly [Column in keyof EventRow as `event_${Column}`]: EventRow[Column] } & (
  | SessionRow
  | { readonly id: null }
);

export function readEvents(db: Database, { after, limit = DEFAULT_LIMIT }: EventQuery): RecordedEvent[] {
  checkWhole("after", after);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new ParlorError("INVALID_INPUT", `limit is a whole number from 1 to ${MAX_LIMIT}; found ${limit}.`);
  }
  return db
    .all<RecordedRow>(
      `SELECT e.id AS event_id, e.session_id AS event_session_id, e.type AS event_type, e.data AS event_data,
         e.at AS event_at, s.*
       FROM lifecycle_event AS e LEFT JOIN session AS s ON s.id = e.session_id
       WHERE e.id > max(?, (SELECT value FROM setting WHERE name = '${FORGOTTEN}')) ORDER BY e.id LIMIT ?`,
      after,
      limit,
    )
    .map((row) => ({
      event: eventOf({
        id: row.event_id,
        session_id: row.event_session_id,
        type: row.event_type,
        data: row.event_data,
        at: row.event_at,
      }),
      session: row.id === null ? null : sessionOf(row),
    }));
}

export function readEventRange(db: Database): EventRange {
  const row = db.get<{ forgotten: number; last: number | null }>(
    `SELECT (SELECT value FROM setting WHERE name = '${FORGOTTEN}') AS forgotten,
       (SELECT seq FROM sqlite_sequence WHERE name = 'lifecycle_event') AS last`,
  );
  return { first: (row?.forgotten ?? 0) + 1, last: row?.last ?? 0 };
}

/**
 * Lets ids go on behind this one, as though those before it were not kept: whoever knows an id that was
 * given out is told of a gap, and nobody takes another event for the one he knows.
 */
export function skipEvents(db: Database, upTo: number): void {
  const to = Math.max(upTo, readEventRange(db).last);
  db.run(`DELETE FROM sqlite_sequence WHERE name = 'lifecycle_event'`);
  db.run(`INSERT INTO sqlite_sequence (name, seq) VALUES ('lifecycle_event', ?)`, to);
  forgetEvents(db, to);
}

/** Notes that the events up to this id are not all kept any more. */
export function forgetEvents(db: Database, upTo: number): void {
  db.run(`UPDATE setting SET value = max(value, ?) WHERE name = '${FORGOTTEN}'`, upTo);
}
