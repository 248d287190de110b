/** The verbs that act on a whole session. Each runs inside one immediate transaction. */
import { ParlorError } from "../../core/errors.ts";
import { sessionId } from "../../core/session-id.ts";
import type { Session } from "../../core/session.ts";
import type { Command, ResetOutcome, SessionPatch, SessionRef, UpdateOutcome } from "../store.ts";
import { type Context, keyOf, overdue } from "./context.ts";
import { recordEvent } from "./lifecycle-events.ts";
import { bear, draftOf, endLife, endOverdue, isErased, liveOrDraft, liveRow, sessionRow } from "./lives.ts";
import { giveCommandReceipt, receivedCommand } from "./receipts.ts";
import { type SessionRow, sessionOf } from "./rows.ts";

/** How long what was set on a draft is kept, in milliseconds. */
const NOTE_RETENTION_MS = 24 * 60 * 60 * 1000;
/** The most drafts that something is kept for. */
const MAX_NOTES = 10_000;
const MAX_TITLE_LENGTH = 200;

export function getOrCreate(context: Context, source: Session["source"]): Session {
  const found = liveOrDraft(context, source, context.clock.now());
  return "persisted" in found ? found : sessionOf(found);
}

export function ensurePersisted(context: Context, session: Session): Session {
  if (session.id !== sessionId(context.secret, session.key, session.epoch)) {
    throw new ParlorError("INVALID_INPUT", `Session ${session.id} is not of this store; get it with getOrCreate.`);
  }
  const stored = sessionRow(context, session.id);
  if (stored?.ended_at === null) return sessionOf(stored);
  const now = context.clock.now();
  const live = stored === undefined ? endOverdue(context, session.key, now) : undefined;
  const draft = draftOf(context, session.source, now);
  if (stored !== undefined || live !== undefined || draft.id !== session.id) {
    throw new ParlorError(
      "GONE",
      `That life of the conversation is over (${session.id}); get the next one with getOrCreate.`,
    );
  }
  bear(context, draft, false, now);
  return getOrCreate(context, session.source);
}

export function reset(context: Context, ref: SessionRef, command: Command | undefined): ResetOutcome {
  if (receivedCommand(context, command)) return { outcome: "duplicate" };
  const now = context.clock.now();
  const row = "source" in ref ? liveRow(context, keyOf(context, ref.source)) : sessionRow(context, ref.sessionId);
  if (row === undefined) {
    if ("source" in ref) return { outcome: "unchanged", session: draftOf(context, ref.source, now) };
    return { outcome: isErased(context, ref.sessionId) ? "gone" : "missing" };
  }
  if (row.ended_at !== null) return { outcome: "unchanged", session: sessionOf(row) };
  const cancelled = endLife(context, row, overdue(context, row, now) ?? "command", now);
  giveCommandReceipt(context, command, row.id);
  const ended = sessionOf(sessionRow(context, row.id) ?? row);
  const source = "source" in ref ? ref.source : ended.source;
  return { outcome: "reset", ended, draft: draftOf(context, source, now), cancelled: cancelled.messages };
}

/** A patch whose title is fit to be stored. */
export function checkPatch(patch: SessionPatch): SessionPatch {
  if (typeof patch.title !== "string") return patch;
  const title = patch.title
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .toWellFormed();
  if (title.length === 0 || title.length > MAX_TITLE_LENGTH) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A title has 1 to ${MAX_TITLE_LENGTH} characters; found ${title.length}. Use null to remove it.`,
    );
  }
  return { ...patch, title };
}

export function update(
  context: Context,
  ref: SessionRef,
  patch: SessionPatch,
  command: Command | undefined,
): UpdateOutcome {
  if (receivedCommand(context, command)) return { outcome: "duplicate" };
  const found = find(context, ref);
  if (typeof found === "string") return { outcome: found };
  if ("persisted" in found) {
    note(context, found, patch);
    giveCommandReceipt(context, command, null);
    return { outcome: "noted", session: draftOf(context, found.source, context.clock.now()) };
  }
  const row: SessionRow = {
    ...found,
    title: patch.title === undefined ? found.title : patch.title,
    memory_flushed: Number(patch.memoryFlushed ?? found.memory_flushed === 1),
  };
  context.db.run(
    `UPDATE session SET title = ?, memory_flushed = ? WHERE id = ?`,
    row.title,
    row.memory_flushed,
    row.id,
  );
  if (row.title !== found.title) {
    recordEvent(context.db, row.id, { type: "session:update", changed: "title" }, context.clock.now());
  }
  giveCommandReceipt(context, command, row.id);
  return { outcome: "updated", session: sessionOf(row) };
}

function find(context: Context, ref: SessionRef): SessionRow | Session | "gone" | "missing" {
  if ("source" in ref) return liveOrDraft(context, ref.source, context.clock.now());
  return sessionRow(context, ref.sessionId) ?? (isErased(context, ref.sessionId) ? "gone" : "missing");
}

function note({ db, clock }: Context, { key }: Session, { title }: SessionPatch): void {
  if (title === undefined) return;
  db.run(`DELETE FROM draft_note WHERE key = ?`, key);
  if (title === null) return;
  db.run(
    `INSERT INTO draft_note (key, title, expires_at) VALUES (?, ?, ?)`,
    key,
    title,
    clock.now() + NOTE_RETENTION_MS,
  );
  db.run(
    `DELETE FROM draft_note WHERE number IN (SELECT number FROM draft_note ORDER BY number DESC LIMIT -1 OFFSET ${MAX_NOTES})`,
  );
}
