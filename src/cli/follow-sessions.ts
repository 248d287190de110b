/**
 * What is stored from now on, read again and again: it works beside a gateway of another process, and
 * without one. A store that cannot be read at the moment is read again with the next look.
 */
import { ParlorError } from "../core/errors.ts";
import type { EndReason } from "../core/session.ts";
import type { Entry } from "../core/transcript.ts";
import type { Clock } from "../lib/clock.ts";
import { keepAlive } from "../lib/keep-alive.ts";
import { sleep } from "../lib/sleep.ts";
import type { StoreReader } from "../store/reader.ts";

/** Something that was stored. */
export type Followed =
  | { readonly type: "message"; readonly entry: Entry }
  | { readonly type: "session:end"; readonly sessionId: string; readonly reason: EndReason | null }
  | { readonly type: "session:erase"; readonly sessionId: string };

export interface FollowOptions {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const LOOK_MS = 500;
const PAGE = 200;

/** The entries of a session behind `afterSeq`, as they come, until its life is over or it is erased. */
export async function* followSession(
  reader: Pick<StoreReader, "get" | "transcript">,
  sessionId: string,
  afterSeq: number,
  options: FollowOptions,
): AsyncGenerator<Followed> {
  let seen = afterSeq;
  for await (const _look of looks(options)) {
    // Asked first: what is over has no entry that comes later.
    const found = await readable(reader.get(sessionId));
    if (found === null) continue;
    if (found.outcome !== "found") {
      yield { type: "session:erase", sessionId };
      return;
    }
    const entries = await readable(entriesBehind(reader, sessionId, seen));
    if (entries === null) continue;
    for (const entry of entries) {
      seen = entry.seq;
      yield { type: "message", entry };
    }
    const { endedAt, endReason, lastSeq } = found.session;
    if (endedAt !== null && seen >= lastSeq) {
      yield { type: "session:end", sessionId, reason: endReason };
      return;
    }
  }
}

/** The entries of every session, as turns begin and end. */
export async function* followEverySession(
  reader: Pick<StoreReader, "eventRange" | "events" | "transcript">,
  options: FollowOptions,
): AsyncGenerator<Followed> {
  const since = options.clock.now();
  let after = (await reader.eventRange()).last;
  /** The last entry that is known, by session. */
  const seen = new Map<string, number>();

  const news = async (sessionId: string): Promise<readonly Entry[]> => {
    const last = seen.get(sessionId) ?? (await lastBefore(reader, sessionId, since));
    const entries = await entriesBehind(reader, sessionId, last);
    seen.set(sessionId, entries.at(-1)?.seq ?? last);
    return entries;
  };

  for await (const _look of looks(options)) {
    for (const { event, session } of (await readable(reader.events({ after, limit: PAGE }))) ?? []) {
      const { id, type, sessionId } = event;
      const entries = session === null || type === "session:update" ? [] : await readable(news(sessionId));
      // The next look begins with this event again.
      if (entries === null) break;
      for (const entry of entries) yield { type: "message", entry };
      // That it was erased comes next, and says more.
      if (type === "session:end" && event.reason !== "erase") yield { type, sessionId, reason: event.reason };
      if (type === "session:erase") yield { type, sessionId };
      if (type === "session:end" || type === "session:erase") seen.delete(sessionId);
      after = id;
    }
  }
}

/** One look after the other, until the signal is aborted. */
async function* looks({ clock, signal }: FollowOptions): AsyncGenerator<void> {
  using _awake = keepAlive();
  while (!signal.aborted) {
    yield;
    await sleep(clock, LOOK_MS, signal);
  }
}

async function entriesBehind(
  reader: Pick<StoreReader, "transcript">,
  sessionId: string,
  seq: number,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const afterSeq = entries.at(-1)?.seq ?? seq;
    const page = await reader.transcript(sessionId, { afterSeq, limit: PAGE });
    entries.push(...page.items);
    if (page.nextCursor === null) return entries;
  }
}

/** The last entry of a session from before a time; 0 when it has none. */
async function lastBefore(
  reader: Pick<StoreReader, "transcript">,
  sessionId: string,
  epochMs: number,
): Promise<number> {
  let cursor: string | null = null;
  do {
    const query = { newestFirst: true, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
    const page: Awaited<ReturnType<StoreReader["transcript"]>> = await reader.transcript(sessionId, query);
    const older = page.items.find(({ createdAt }) => createdAt < epochMs);
    if (older !== undefined) return older.seq;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return 0;
}

/** Null while the store cannot be read. */
async function readable<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ParlorError && error.retryable) return null;
    throw error;
  }
}
