/**
 * A session is one life of a session key, numbered by its epoch.
 *
 *     draft ──first content, or ensurePersisted──▶ live ──reset──▶ ended
 *                                                    └──erase──▶ (a tombstone)
 *
 * A draft has no stored row: it is computed from its source and forgotten without a trace.
 */
import type { SessionKey } from "./session-key.ts";
import type { Source } from "./source.ts";

/** Why a life ended: nobody spoke for long enough, its day was over, someone said so, or it was erased. */
export type EndReason = ResetReason | "erase";

/** The reasons after which another life can follow. */
export type ResetReason = "idle" | "daily" | "command";

/** How a life came to follow another one; told once, on its first turn, to the person and the agent. */
export interface SessionReset {
  readonly reason: ResetReason;
  /** Whether anything had been said in the life before. */
  readonly hadActivity: boolean;
}

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** One life of a session key. Times are epoch milliseconds; those of a draft are null. */
export interface Session {
  readonly id: string;
  readonly key: SessionKey;
  /** 1 for the first life of the key. */
  readonly epoch: number;
  /**
   * Whether the store holds a row for it, as of the call that returned this object. It is not an
   * own property: no serialisation includes it, and nothing read back from one is trusted.
   */
  readonly persisted: boolean;
  /** Where the first message came from. */
  readonly source: Source;
  readonly title: string | null;
  readonly startedAt: number | null;
  /** When a person last spoke: the clock of the reset policy. */
  readonly lastUserMessageAt: number | null;
  /** When anything was last said, by anyone: the order of lists. */
  readonly activeAt: number | null;
  /** The highest sequence number given out; 0 before the first. */
  readonly lastSeq: number;
  /** Why it follows another life; null for the first life of a key. */
  readonly reset: SessionReset | null;
  readonly endedAt: number | null;
  readonly endReason: ResetReason | null;
  /** When `ensurePersisted` wrote it before anyone spoke; else null. */
  readonly pinnedAt: number | null;
  readonly memoryFlushed: boolean;
  /** Tokens spent by its turns. */
  readonly usage: TokenUsage;
}

export type SessionFields = Omit<Session, "persisted">;

// Not enumerable, so that no loop over a session finds it; not writable, so that fields cannot bring their own.
const storedPrototype = Object.freeze(Object.defineProperty({}, "persisted", { value: true })) as {
  persisted: boolean;
};
const draftPrototype = Object.freeze(Object.defineProperty({}, "persisted", { value: false })) as {
  persisted: boolean;
};

/** A session that the store holds. */
export function storedSession(fields: SessionFields): Session {
  return Object.assign(Object.create(storedPrototype) as typeof storedPrototype, fields);
}

/** The life of `key` that the next message would open. */
export function draftSession(draft: Pick<Session, "id" | "key" | "epoch" | "source" | "title" | "reset">): Session {
  const fields: SessionFields = {
    ...draft,
    startedAt: null,
    lastUserMessageAt: null,
    activeAt: null,
    lastSeq: 0,
    endedAt: null,
    endReason: null,
    pinnedAt: null,
    memoryFlushed: false,
    usage: NO_USAGE,
  };
  return Object.assign(Object.create(draftPrototype) as typeof draftPrototype, fields);
}
