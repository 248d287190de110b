/**
 * Live events for any number of readers: one broadcast for all of them while there are any, nothing while
 * there are none.
 *
 *     quiet ──first reader──▶ broadcasting ──last reader left──▶ quiet
 *     closed, from either, when the gateway closes: every stream ends
 *
 * A place is taken by a reader until its stream has been read to the end or left, also when it was cut
 * off: what does not read holds a bounded number of places and a bounded buffer each.
 */
import type { Clock } from "../lib/clock.ts";
import { createSpread } from "../lib/spread.ts";
import type { EventRange, StoreReader } from "../store/reader.ts";
import type { Live } from "../turn/live.ts";
import { EventBroadcast } from "./event-broadcast.ts";
import type { EventFilter } from "./event-filter.ts";
import { EventReader } from "./event-reader.ts";
import { ProblemError } from "./problem.ts";

export interface EventFeed {
  /** Something may have been stored. */
  wake(): void;
  /** A message was accepted on this node. */
  accepted(sessionId: string, seq: number): void;
  /**
   * A stream of events as they happen.
   *
   * @throws ProblemError `too-many-readers`, or `unavailable` once the gateway closes; ParlorError what the
   * store throws, and whatever `findFilter` throws.
   */
  open(request: EventRequest): Promise<ReadableStream<Uint8Array>>;
}

export interface EventRequest {
  /** The last event that the reader knows; null: it begins with the next one. */
  readonly after: number | null;
  readonly replies: boolean;
  /** Called after it is settled where the stream begins, so that nothing falls between the two. */
  readonly findFilter: () => Promise<EventFilter>;
  /** Ends the connection of a reader that was cut off and does not even take that. */
  readonly disconnect: () => void;
}

export interface EventFeedOptions {
  readonly reader: Pick<StoreReader, "events" | "eventRange">;
  readonly live: Pick<Live, "listenAll">;
  readonly clock: Clock;
  /** Ends every stream when the gateway closes. */
  readonly closing: AbortSignal;
  readonly onFault: (error: unknown) => void;
  /** How many may read at once. Default: 1,000. */
  readonly maxReaders?: number;
}

/** How many readers are handed a chunk in one turn of the event loop: about a millisecond. */
const READERS_AT_ONCE = 32;

/** How long a reader has to take the end of its stream, in milliseconds. */
const LAST_READ_MS = 10_000;

export function createEventFeed(options: EventFeedOptions): EventFeed {
  const { reader, clock, closing, maxReaders = 1_000 } = options;
  let places = maxReaders;
  let broadcast: EventBroadcast | null = null;
  const later = createSpread(READERS_AT_ONCE);

  const dismiss = (left: EventReader): void => {
    broadcast?.dismiss(left);
    if (broadcast?.readers !== 0) return;
    broadcast.stop();
    broadcast = null;
  };

  const begin = ({ position, gap, last }: Beginning, filter: EventFilter, request: EventRequest): EventReader => {
    let stopWaiting = (): void => {};
    const opened: EventReader = new EventReader({
      filter,
      replies: request.replies,
      position,
      later,
      onOver: () => {
        dismiss(opened);
        stopWaiting = clock.timer(LAST_READ_MS, request.disconnect);
      },
      onDone: () => {
        stopWaiting();
        places += 1;
      },
    });
    if (gap !== null) opened.skipTo(gap);
    broadcast ??= new EventBroadcast(last, { ...options, later });
    broadcast.admit(opened);
    return opened;
  };

  closing.addEventListener("abort", () => void broadcast?.finish().catch(options.onFault), { once: true });

  return {
    wake: () => broadcast?.wake(),
    accepted: (sessionId, seq) => broadcast?.accepted(sessionId, seq),
    open: async (request) => {
      if (places === 0) throw full(maxReaders);
      places -= 1;
      try {
        const begun = beginning(await reader.eventRange(), request.after);
        const filter = await request.findFilter();
        if (closing.aborted) throw closed();
        return begin(begun, filter, request).body;
      } catch (error) {
        places += 1;
        throw error;
      }
    },
  };
}

interface Beginning {
  /** The id of the event that the stream begins after. */
  readonly position: number;
  /** The id up to which what follows is missing; else null. Until the reader knows that, it comes back with its own. */
  readonly gap: number | null;
  /** The id of the last event there is. */
  readonly last: number;
}

/**
 * Where a stream begins. An id from the future is one of another database, or of this one before a backup
 * was restored: what the reader knows is not what is stored, so it has to load again, too.
 */
function beginning({ first, last }: EventRange, after: number | null): Beginning {
  if (after === null) return { position: last, gap: null, last };
  if (after > last) return { position: after, gap: last, last };
  if (after < first - 1) return { position: after, gap: first - 1, last };
  return { position: after, gap: null, last };
}

function full(places: number): ProblemError {
  return new ProblemError(
    "too-many-readers",
    `${places} readers follow the events already. Close some, or try again later.`,
    { headers: { "retry-after": "5" } },
  );
}

function closed(): ProblemError {
  return new ProblemError("unavailable", "The gateway is closing.", { headers: { "retry-after": "1" } });
}
