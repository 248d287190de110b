import type { EraseOutcome } from "../store.ts";
import type { Context } from "./context.ts";
import { promoteLane } from "./delivery-writer.ts";
import { cancelLane } from "./lane.ts";
import { recordEvent } from "./lifecycle-events.ts";
import { isErased, keyHash, sessionRow } from "./lives.ts";
import { indexedWords } from "./scrub.ts";

type Erased =
  | Exclude<EraseOutcome, { outcome: "erased" }>
  | {
      readonly outcome: "erased";
      readonly messages: number;
      /** What was said, as the search index had it. */
      readonly words: ReadonlySet<string>;
    };

/**
 * Removes a session in one transaction. Receipts stay as hashes that answer "gone", so that a
 * redelivery cannot bring the words back; the tombstone keeps its epoch from being given again.
 */
export function erase(context: Context, id: string): Erased {
  const { db } = context;
  const row = sessionRow(context, id);
  if (row === undefined) return { outcome: isErased(context, id) ? "gone" : "missing" };
  const now = context.clock.now();
  cancelLane(context, row, now);
  if (row.ended_at === null) recordEvent(db, id, { type: "session:end", reason: "erase" }, now);
  recordEvent(db, id, { type: "session:erase" }, now);
  // The number alone is not enough: once a receipt has been swept, another session's may have its number.
  db.run(
    `UPDATE receipt SET outcome = 'gone', session_id = NULL, seq = NULL, body = NULL
     WHERE session_id = ? AND number IN (SELECT receipt FROM message WHERE session_id = ?)`,
    id,
    id,
  );
  const texts = db.all<{ text: string }>(`SELECT text FROM message WHERE session_id = ?`, id);
  db.run(`DELETE FROM message_fts WHERE rowid IN (SELECT number FROM message WHERE session_id = ?)`, id);
  const messages = db.run(`DELETE FROM message WHERE session_id = ?`, id);
  const lanes = db.all<{ lane: string }>(`DELETE FROM delivery WHERE session_id = ? RETURNING lane`, id);
  for (const { lane } of lanes) promoteLane(db, lane, now);
  for (const table of ["question", "summary", "agent_note", "turn"]) {
    db.run(`DELETE FROM ${table} WHERE session_id = ?`, id);
  }
  db.run(`DELETE FROM session WHERE id = ?`, id);
  db.run(
    `INSERT INTO tombstone (id, key_hash, epoch, erased_at) VALUES (?, ?, ?, ?)`,
    id,
    keyHash(context, row.key),
    row.epoch,
    now,
  );
  return { outcome: "erased", messages, words: indexedWords(texts.map(({ text }) => text)) };
}
