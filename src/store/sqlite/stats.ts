import { DELIVERY_STATES } from "../../core/delivery.ts";
import { MESSAGE_STATES } from "../../core/message.ts";
import { TURN_STATES } from "../../core/turn.ts";
import type { StoreStats } from "../reader.ts";
import type { Database } from "./database.ts";

export function readStats(db: Database): StoreStats {
  const sessions = db.get<{ n: number; live: number; pinned: number; empty: number }>(
    `SELECT count(*) AS n, count(*) FILTER (WHERE ended_at IS NULL) AS live,
       count(*) FILTER (WHERE pinned_at IS NOT NULL) AS pinned,
       count(*) FILTER (WHERE pinned_at IS NULL AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = session.id)) AS empty
     FROM session`,
  );
  const usage = db.get<{ input: number; output: number }>(
    `SELECT coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output FROM usage`,
  );
  const bytes = db.get<{ bytes: number }>(
    `SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`,
  );
  return {
    sessions: sessions?.n ?? 0,
    liveSessions: sessions?.live ?? 0,
    pinnedSessions: sessions?.pinned ?? 0,
    emptySessions: sessions?.empty ?? 0,
    entries: db.get<{ n: number }>(`SELECT count(*) AS n FROM message`)?.n ?? 0,
    messages: countStates(
      db,
      `SELECT state, count(*) AS n FROM message WHERE role = 'user' GROUP BY state`,
      MESSAGE_STATES,
    ),
    turns: countStates(db, `SELECT state, count(*) AS n FROM turn GROUP BY state`, TURN_STATES),
    deliveries: countStates(db, `SELECT state, count(*) AS n FROM delivery GROUP BY state`, DELIVERY_STATES),
    inputTokens: usage?.input ?? 0,
    outputTokens: usage?.output ?? 0,
    bytes: bytes?.bytes ?? 0,
  };
}

function countStates<State extends string>(db: Database, sql: string, states: readonly State[]): Record<State, number> {
  const counted = new Map(db.all<{ state: State; n: number }>(sql).map(({ state, n }) => [state, n]));
  return Object.fromEntries(states.map((state) => [state, counted.get(state) ?? 0])) as Record<State, number>;
}
