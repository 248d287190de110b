import type { Entry } from "../../core/transcript.ts";
import { indexText } from "../search-text.ts";
import type { Database } from "./database.ts";

/** A line as it is written: why it failed, and what it stands behind, comes later. */
export type NewEntry = Omit<Entry, "reason" | "follows" | "sentAt"> & {
  /** Default: the platform does not say. */
  readonly sentAt?: number;
};

/** Adds one line under a sequence number that the caller has taken, and to the search index. */
export function appendEntry(db: Database, entry: NewEntry, receipt: number | null = null): void {
  const { attachments, sender } = entry;
  const number = db.insert(
    `INSERT INTO message (session_id, seq, role, state, text, attachments, sender_id, sender_name, turn_id, receipt, sent_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.sessionId,
    entry.seq,
    entry.role,
    entry.state,
    entry.text,
    attachments.length === 0 ? null : JSON.stringify(attachments),
    sender?.id ?? null,
    sender?.name ?? null,
    entry.turnId,
    receipt,
    entry.sentAt ?? null,
    entry.createdAt,
  );
  db.run(`INSERT INTO message_fts (rowid, text) VALUES (?, ?)`, number, indexText(entry.text));
}
