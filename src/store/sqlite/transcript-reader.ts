import type { ResetReason, TokenUsage } from "../../core/session.ts";
import type { Entry } from "../../core/transcript.ts";
import type { Page, ReplyState, TranscriptQuery } from "../reader.ts";
import { checkWhole } from "./check-whole.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./cursor.ts";
import type { Database } from "./database.ts";
import { ENTRY_COLUMNS, type MessageRow, entryOf } from "./rows.ts";

export function readTranscript(db: Database, sessionId: string, query: TranscriptQuery): Page<Entry> {
  const limit = pageLimit(query.limit);
  const newestFirst = query.newestFirst ?? false;
  const afterSeq = query.afterSeq ?? 0;
  checkWhole("afterSeq", afterSeq);
  const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, "number")[0];
  const rows = newestFirst
    ? db.all<MessageRow>(
        `SELECT ${ENTRY_COLUMNS} FROM message AS m WHERE session_id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
        sessionId,
        afterSeq,
        position ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
    : db.all<MessageRow>(
        `SELECT ${ENTRY_COLUMNS} FROM message AS m WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
        sessionId,
        Math.max(afterSeq, position ?? 0),
        limit + 1,
      );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(entryOf), nextCursor: last === undefined ? null : encodeCursor(last.seq) };
}

export function readReply(db: Database, sessionId: string, seq: number): ReplyState | null {
  const message = db.get<Pick<MessageRow, "state" | "turn_id"> & { end_reason: ResetReason | null }>(
    `SELECT m.state, m.turn_id, s.end_reason FROM message AS m JOIN session AS s ON s.id = m.session_id
     WHERE m.session_id = ? AND m.seq = ? AND m.role = 'user'`,
    sessionId,
    seq,
  );
  if (message === undefined || message.state === "said") return null;
  const { state, end_reason: endReason } = message;
  if (message.turn_id === null) return { state, entries: [], usage: null, endReason };
  const entries = db
    .all<MessageRow>(
      `SELECT ${ENTRY_COLUMNS} FROM message AS m
       WHERE session_id = ? AND seq > ? AND turn_id = ? AND role <> 'user'
         AND NOT EXISTS (SELECT 1 FROM question AS q WHERE q.turn_id = m.turn_id AND m.seq IN (q.seq, q.answer_seq))
       ORDER BY seq`,
      sessionId,
      seq,
      message.turn_id,
    )
    .map(entryOf);
  const isOver = state === "answered" || state === "dead";
  const before = isOver ? saidBefore(db, sessionId, seq, message.turn_id) : [];
  const usage = state === "answered" ? usageOf(db, message.turn_id) : null;
  return { state, entries: [...before, ...entries], usage, endReason };
}

/** What interrupted turns have said to a message, before the turn that has answered it. */
function saidBefore(db: Database, sessionId: string, seq: number, turnId: string): Entry[] {
  return db
    .all<MessageRow>(
      `SELECT ${ENTRY_COLUMNS} FROM message AS m
       WHERE session_id = ? AND follows BETWEEN ? AND (SELECT last_seq FROM turn WHERE id = ?) AND role = 'assistant'
       ORDER BY follows, number`,
      sessionId,
      seq,
      turnId,
    )
    .map(entryOf);
}

export function usageOf(db: Database, turnId: string): TokenUsage | null {
  const usage = db.get<TokenUsage>(
    `SELECT input_tokens AS inputTokens, output_tokens AS outputTokens FROM usage WHERE turn_id = ?`,
    turnId,
  );
  return usage === undefined ? null : { ...usage };
}
