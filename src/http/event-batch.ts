import type { SessionKey } from "../core/session-key.ts";
import type { RecordedEvent } from "../store/reader.ts";
import type { LivePart } from "../turn/live.ts";
import { eventLines } from "./event-lines.ts";
import { sessionView } from "./session-view.ts";

/** A message was accepted on this node. */
export interface Acceptance {
  readonly type: "accept";
  readonly seq: number;
}

/** One event on its way to the readers. */
export interface EventItem {
  /** The id of a stored event; null for what is live only. */
  readonly id: number | null;
  readonly sessionId: string;
  /** The conversation of a stored event; null for what is live, and once the session is erased. */
  readonly key: SessionKey | null;
  readonly isErasure: boolean;
  /** Which part of a reply it is, left out for readers that want none; null for everything else. */
  readonly reply: "start" | "part" | "end" | null;
  /** The event as it is sent: made when the first reader needs it, and shared by all. */
  readonly lines: () => Uint8Array;
}

/**
 * Events that are given out together. What all readers get is put together once, and what a session
 * or a conversation has in it is found without looking at the rest.
 */
export class EventBatch {
  readonly items: readonly EventItem[];
  /** The id of the last stored event; null when none is stored. */
  readonly lastId: number | null;
  readonly #wholes = new Map<boolean, Uint8Array>();
  #bySession: Map<string, EventItem[]> | undefined;
  #byKey: Map<SessionKey | null, EventItem[]> | undefined;
  #erasures: readonly EventItem[] | undefined;

  constructor(items: readonly EventItem[]) {
    this.items = items;
    this.lastId = items.findLast(({ id }) => id !== null)?.id ?? null;
  }

  /** Everything in it as one chunk, with replies or without. */
  whole(withReplies: boolean): Uint8Array {
    const found = this.#wholes.get(withReplies);
    if (found !== undefined) return found;
    const made = joinLines(withReplies ? this.items : this.items.filter(({ reply }) => reply === null));
    this.#wholes.set(withReplies, made);
    return made;
  }

  ofSession(sessionId: string): readonly EventItem[] {
    this.#bySession ??= Map.groupBy(this.items, (item) => item.sessionId);
    return this.#bySession.get(sessionId) ?? [];
  }

  ofKey(key: SessionKey): readonly EventItem[] {
    this.#byKey ??= Map.groupBy(this.items, (item) => item.key);
    return this.#byKey.get(key) ?? [];
  }

  erasures(): readonly EventItem[] {
    this.#erasures ??= this.items.filter(({ isErasure }) => isErasure);
    return this.#erasures;
  }
}

export function joinLines(items: readonly EventItem[]): Uint8Array {
  const [first, ...others] = items;
  if (first === undefined) return new Uint8Array();
  return others.length === 0 ? first.lines() : Buffer.concat(items.map(({ lines }) => lines()));
}

/** A stored event, with its session as it is stored now. */
export function storedItem({ event, session }: RecordedEvent): EventItem {
  return {
    id: event.id,
    sessionId: event.sessionId,
    key: session?.key ?? null,
    isErasure: event.type === "session:erase",
    reply: null,
    lines: once(() => {
      const { id, type, sessionId, at, ...fact } = event;
      const view = session === null ? null : sessionView(session);
      return eventLines({ event: type, id, data: { id, type, sessionId, at, ...fact, session: view } });
    }),
  };
}

/** What happens on this node and is not stored. */
export function liveItem(sessionId: string, part: LivePart | Acceptance): EventItem {
  const { type, ...data } = part;
  const event = type === "accept" ? "message:accept" : `reply:${type}`;
  return {
    id: null,
    sessionId,
    key: null,
    isErasure: false,
    reply: type === "accept" ? null : type === "start" || type === "end" ? type : "part",
    lines: once(() => eventLines({ event, data: { sessionId, ...data } })),
  };
}

function once(make: () => Uint8Array): () => Uint8Array {
  let made: Uint8Array | undefined;
  return () => (made ??= make());
}
