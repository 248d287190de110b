import type { NextDue } from "../reader.ts";
import type { Database } from "./database.ts";

/** Three looks at the first entry of an index. */
export function nextDue(db: Database): NextDue {
  const due = db.get<NextDue>(
    `SELECT (SELECT min(due_at) FROM session WHERE due_at IS NOT NULL) AS turn,
       (SELECT min(due_at) FROM delivery WHERE due_at IS NOT NULL) AS delivery,
       (SELECT min(due_at) FROM lifecycle_event WHERE due_at IS NOT NULL) AS event`,
  );
  return { turn: due?.turn ?? null, delivery: due?.delivery ?? null, event: due?.event ?? null };
}
