import type { Page, SearchHit, SearchQuery } from "../reader.ts";
import { excerpt } from "../search-excerpt.ts";
import { matchExpression } from "../search-text.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./cursor.ts";
import type { Database } from "./database.ts";
import type { MessageRow } from "./rows.ts";

/** Newest first: the index is walked backwards from the cursor, and stops after a page. */
export function search(db: Database, query: SearchQuery): Page<SearchHit> {
  const limit = pageLimit(query.limit);
  const [before] = query.cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(query.cursor, "number");
  const rows = db.all<MessageRow>(
    `SELECT m.* FROM message_fts AS f JOIN message AS m ON m.number = f.rowid
     WHERE message_fts MATCH ? AND f.rowid < ? ORDER BY f.rowid DESC LIMIT ?`,
    matchExpression(query.text),
    before,
    limit + 1,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map((row) => ({
      sessionId: row.session_id,
      seq: row.seq,
      role: row.role,
      createdAt: row.created_at,
      ...excerpt(row.text, query.text),
    })),
    nextCursor: last === undefined ? null : encodeCursor(last.number),
  };
}
