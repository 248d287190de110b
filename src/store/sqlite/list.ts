import type { Session } from "../../core/session.ts";
import type { ListQuery, Page } from "../reader.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./cursor.ts";
import type { Database } from "./database.ts";
import { type SessionRow, sessionOf } from "./rows.ts";

/**
 * A page of sessions by (active_at, id), newest first. The index session_list keeps one ordered run
 * for each platform and for live and ended lives; a page takes its limit from each run that the
 * query covers and merges them, so its cost depends on the limit and the number of platforms alone.
 */
export function listSessions(db: Database, query: ListQuery): Page<Session> {
  const limit = pageLimit(query.limit);
  const after: readonly [number, string] =
    query.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ""] : decodeCursor(query.cursor, "number", "string");
  const platforms = query.platform === undefined ? platformsOf(db) : [query.platform];
  const lives = query.live === undefined ? [0, 1] : [Number(query.live)];
  const rows = platforms
    .flatMap((platform) => lives.flatMap((live) => run(db, platform, live, after, limit + 1)))
    .toSorted((a, b) => b.active_at - a.active_at || (a.id < b.id ? 1 : -1));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(sessionOf),
    nextCursor: last === undefined ? null : encodeCursor(last.active_at, last.id),
  };
}

function run(
  db: Database,
  platform: string,
  live: number,
  after: readonly [number, string],
  limit: number,
): SessionRow[] {
  return db.all<SessionRow>(
    `SELECT * FROM session WHERE platform = ? AND (ended_at IS NULL) = ? AND (active_at, id) < (?, ?)
     ORDER BY active_at DESC, id DESC LIMIT ?`,
    platform,
    live,
    ...after,
    limit,
  );
}

/** The platforms that have sessions, by jumping from one to the next in the index. */
function platformsOf(db: Database): string[] {
  return db
    .all<{ platform: string }>(
      `WITH RECURSIVE found (platform) AS (
         SELECT min(platform) FROM session
         UNION ALL
         SELECT (SELECT min(platform) FROM session WHERE platform > found.platform) FROM found WHERE found.platform IS NOT NULL
       )
       SELECT platform FROM found WHERE platform IS NOT NULL`,
    )
    .map(({ platform }) => platform);
}
