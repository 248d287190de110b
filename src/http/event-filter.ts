import type { Session } from "../core/session.ts";
import type { EventBatch, EventItem } from "./event-batch.ts";

/** Which sessions a reader hears of. */
export interface EventFilter {
  /** What it lets through of a batch, in order; `all` of it. */
  select(batch: EventBatch): readonly EventItem[] | "all";
}

export const EVERY_SESSION: EventFilter = { select: () => "all" };

/** One life. */
export function sessionFilter(sessionId: string): EventFilter {
  return { select: (batch) => batch.ofSession(sessionId) };
}

/** The most lives a reader of a conversation hears live parts of. */
const KNOWN_LIVES = 64;

/**
 * One conversation through all its lives. Its stored events carry its key. What is live carries an id
 * alone, so the ids of its lives are kept as they come by; that of a draft is the id its first message
 * will open, so not even the first token is missed.
 *
 * To whom an erased session belonged is not kept, so every erasure is let through: one of them may be of
 * a life that the reader has seen, perhaps on a connection it has lost.
 */
export function chatFilter({ key, id: current }: Pick<Session, "key" | "id">): EventFilter {
  const lives = new Set([current]);
  const learn = (items: readonly EventItem[]): void => {
    for (const { sessionId } of items) {
      if (lives.has(sessionId)) continue;
      lives.add(sessionId);
      const oldest = lives.values().next().value;
      if (lives.size > KNOWN_LIVES && oldest !== undefined) lives.delete(oldest);
    }
  };

  return {
    select: (batch) => {
      const stored = batch.ofKey(key);
      learn(stored);
      const nameless = Array.from(lives, (id) => batch.ofSession(id).filter((item) => item.key === null));
      const parts = [stored, batch.erasures(), ...nameless].filter((items) => items.length > 0);
      return parts.length > 1 ? inOrder(batch, parts.flat()) : (parts[0] ?? []);
    },
  };
}

function inOrder({ items }: EventBatch, some: readonly EventItem[]): readonly EventItem[] {
  const chosen = new Set(some);
  return items.filter((item) => chosen.has(item));
}
