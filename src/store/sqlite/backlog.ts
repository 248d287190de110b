import type { Backlog } from "../reader.ts";
import type { Database } from "./database.ts";
import { EVERY_STATE } from "./repair-reader.ts";

/** Looks into indexes that hold what is left to do, and nothing of what is done. */
export function readBacklog(db: Database): Backlog {
  const turns = db.get<Omit<Backlog, "deliveries" | "oldestDeliveryAt" | "deadDeliveries">>(
    // Each dead turn is retried once, by a turn of its session, and both are erased together.
    `SELECT (SELECT count(*) FROM message WHERE state = 'waiting') AS waiting,
       (SELECT min(coalesce(sent_at, created_at)) FROM message WHERE state = 'waiting') AS oldestAt,
       (SELECT count(*) FROM session WHERE due_at IS NOT NULL) AS sessions,
       (SELECT count(*) FROM turn WHERE state = 'dead') - (SELECT count(*) FROM turn WHERE retry_of IS NOT NULL) AS deadTurns,
       (SELECT count(*) FROM lifecycle_event WHERE state = 'waiting') AS events`,
  );
  const unsettled = db.get<{ n: number; oldest: number | null }>(
    `SELECT count(*) AS n, min(number) AS oldest FROM delivery
     WHERE state IN (${EVERY_STATE}) AND state IN ('open', 'pending', 'sending')`,
  );
  const oldest = db.get<{ created_at: number }>(
    `SELECT created_at FROM delivery WHERE number = ?`,
    unsettled?.oldest ?? null,
  );
  const dead = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM delivery WHERE state IN (${EVERY_STATE}) AND state IN ('failed', 'unknown')`,
  );
  return {
    waiting: turns?.waiting ?? 0,
    sessions: turns?.sessions ?? 0,
    oldestAt: turns?.oldestAt ?? null,
    deliveries: unsettled?.n ?? 0,
    oldestDeliveryAt: oldest?.created_at ?? null,
    deadDeliveries: dead?.n ?? 0,
    deadTurns: turns?.deadTurns ?? 0,
    events: turns?.events ?? 0,
  };
}
