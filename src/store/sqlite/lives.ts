/** The lives of a key: which one is live, which one is next, how one is born and ends. */
import { digest } from "../../core/digest.ts";
import { policyFor } from "../../core/platform-rules.ts";
import { sessionId } from "../../core/session-id.ts";
import type { SessionKey } from "../../core/session-key.ts";
import { type ResetReason, type Session, type SessionReset, draftSession } from "../../core/session.ts";
import type { Source } from "../../core/source.ts";
import { type Context, keyOf, overdue } from "./context.ts";
import { type Cancelled, cancelLane, openedDueAt } from "./lane.ts";
import { recordEvent } from "./lifecycle-events.ts";
import type { SessionRow } from "./rows.ts";

export function liveRow({ db }: Context, key: SessionKey): SessionRow | undefined {
  return db.get<SessionRow>(`SELECT * FROM session WHERE key = ? AND ended_at IS NULL`, key);
}

export function sessionRow({ db }: Context, id: string): SessionRow | undefined {
  return db.get<SessionRow>(`SELECT * FROM session WHERE id = ?`, id);
}

/** Whether an id belongs to a session that was erased. */
export function isErased({ db }: Context, id: string): boolean {
  return db.get(`SELECT 1 FROM tombstone WHERE id = ?`, id) !== undefined;
}

export function keyHash({ secret }: Context, key: SessionKey): Uint8Array {
  return digest(secret, "key", key);
}

/** The number of the next life: one above every life that ever was, erased ones included. */
function nextEpoch(context: Context, key: SessionKey): number {
  const row = context.db.get<{ epoch: number }>(
    `SELECT max(
       coalesce((SELECT max(epoch) FROM session WHERE key = ?), 0),
       coalesce((SELECT max(epoch) FROM tombstone WHERE key_hash = ?), 0)
     ) + 1 AS epoch`,
    key,
    keyHash(context, key),
  );
  return row?.epoch ?? 1;
}

/** How the next life follows the one before it; null when there was none, or it was erased. */
function resetBefore({ db }: Context, key: SessionKey, epoch: number): SessionReset | null {
  const before = db.get<Pick<SessionRow, "end_reason" | "last_seq">>(
    `SELECT end_reason, last_seq FROM session WHERE key = ? AND epoch = ?`,
    key,
    epoch - 1,
  );
  return before === undefined || before.end_reason === null
    ? null
    : { reason: before.end_reason, hadActivity: before.last_seq > 0 };
}

function noteTitle({ db }: Context, key: SessionKey, now: number): string | null {
  return (
    db.get<{ title: string }>(`SELECT title FROM draft_note WHERE key = ? AND expires_at > ?`, key, now)?.title ?? null
  );
}

/** The life that the next message would open. `overdueLife`: the live one, when it is over but not ended yet. */
export function draftOf(
  context: Context,
  source: Source,
  now: number,
  overdueLife?: { readonly row: SessionRow; readonly reason: ResetReason },
): Session {
  const key = keyOf(context, source);
  const epoch = overdueLife === undefined ? nextEpoch(context, key) : overdueLife.row.epoch + 1;
  const reset =
    overdueLife === undefined
      ? resetBefore(context, key, epoch)
      : { reason: overdueLife.reason, hadActivity: overdueLife.row.last_seq > 0 };
  const id = sessionId(context.secret, key, epoch);
  return draftSession({ id, key, epoch, source, title: noteTitle(context, key, now), reset });
}

/** The live row of a source, or the draft of its next life. A life that is over by its policy is not live. */
export function liveOrDraft(context: Context, source: Source, now: number): SessionRow | Session {
  const row = liveRow(context, keyOf(context, source));
  const reason = row === undefined ? null : overdue(context, row, now);
  if (row !== undefined && reason === null) return row;
  return draftOf(context, source, now, row === undefined || reason === null ? undefined : { row, reason });
}

/** Ends a life that its policy says is over, if there is one, so that the next can be born. */
export function endOverdue(context: Context, key: SessionKey, now: number): SessionRow | undefined {
  const row = liveRow(context, key);
  const reason = row === undefined ? null : overdue(context, row, now);
  if (row === undefined || reason === null) return row;
  endLife(context, row, reason, now);
  return undefined;
}

/** Ends a life: nothing runs or waits in it any more, and it keeps its first reason for ever. */
export function endLife(context: Context, row: SessionRow, reason: ResetReason, now: number): Cancelled {
  const cancelled = cancelLane(context, row, now);
  context.db.run(
    `UPDATE session SET ended_at = ?, end_reason = ?, fence = fence + 1 WHERE id = ?`,
    now,
    reason,
    row.id,
  );
  recordEvent(context.db, row.id, { type: "session:end", reason }, now);
  return cancelled;
}

/** Writes the row of a draft, complete, and consumes what was noted for it. `spoken`: with its first message. */
export function bear(context: Context, draft: Session, spoken: boolean, now: number): void {
  const { db } = context;
  const { source, reset } = draft;
  db.run(
    `INSERT INTO session (id, key, epoch, platform, account, chat_type, chat, thread, user, chat_name, user_name, title,
       started_at, last_user_message_at, active_at, last_seq, reset_reason, reset_had_activity, pinned_at, due_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    draft.id,
    draft.key,
    draft.epoch,
    source.platform,
    source.account,
    source.chatType,
    source.chat,
    source.thread ?? "",
    source.user,
    source.chatName,
    source.userName,
    draft.title,
    now,
    spoken ? now : null,
    now,
    spoken ? 1 : 0,
    reset?.reason ?? null,
    reset === null ? null : Number(reset.hadActivity),
    spoken ? null : now,
    spoken ? openedDueAt(policyFor(context.busy, source), now) : null,
  );
  db.run(`DELETE FROM draft_note WHERE key = ?`, draft.key);
  recordEvent(db, draft.id, { type: "session:start", epoch: draft.epoch, reset: reset?.reason ?? null }, now);
}
