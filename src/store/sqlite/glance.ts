import type { Glance } from "../reader.ts";
import type { Database } from "./database.ts";
import type { MessageRow } from "./rows.ts";

/** How much of the last entry is shown, in characters. */
const MAX_LENGTH = 200;

type GlanceRow = { readonly busy: number } & (
  | Pick<MessageRow, "role" | "text" | "created_at">
  | { readonly role: null }
);

/** Two looks by key for each session. A session is due exactly while a message waits or runs in it. */
export function glance(db: Database, sessionIds: readonly string[]): ReadonlyMap<string, Glance> {
  const glances = new Map<string, Glance>();
  for (const id of new Set(sessionIds)) {
    const row = db.get<GlanceRow>(
      `SELECT s.due_at IS NOT NULL AS busy, m.role, substr(m.text, 1, ${MAX_LENGTH}) AS text, m.created_at
       FROM session AS s LEFT JOIN message AS m ON m.session_id = s.id AND m.seq = s.last_seq
       WHERE s.id = ?`,
      id,
    );
    if (row !== undefined) glances.set(id, glanceOf(row));
  }
  return glances;
}

function glanceOf(row: GlanceRow): Glance {
  const isBusy = row.busy === 1;
  if (row.role === null) return { isBusy, lastEntry: null };
  return { isBusy, lastEntry: { role: row.role, text: beginning(row.text), createdAt: row.created_at } };
}

/** SQLite counts a surrogate pair as one character. */
function beginning(text: string): string {
  const cut = text.slice(0, MAX_LENGTH);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
