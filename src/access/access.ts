/**
 * Who may speak, asked once for every message of a chat platform, in this order:
 *
 *     operator's own ─▶ allowed
 *     blocked, person or chat ─▶ rejected, silently
 *     configured, or decided by `parlor access` ─▶ rate limits ─▶ allowed
 *     a stranger in a direct message ─▶ a code, silence or an open door
 *     a chat that is not allowed ─▶ rejected, silently, and noted
 *
 * Decisions are read from the store every time, because another process makes them. Strangers cost
 * nothing that grows: a row is written only with a line that is sent or a chat that is noted, each at a
 * bounded rate and in a bounded table, and none of their limits is one that allowed people share.
 */
import type { InboundEvent } from "../core/event.ts";
import { PAIRING_WINDOW_MS } from "../core/pairing-code.ts";
import type { Party } from "../core/party.ts";
import type { Source } from "../core/source.ts";
import type { Clock } from "../lib/clock.ts";
import { type RateLimit, createRateLimit } from "../lib/rate-limit.ts";
import { createRecent } from "../lib/recent.ts";
import type { AccessStore } from "../store/access-store.ts";
import type { StoreReader } from "../store/reader.ts";

export interface Access {
  /** Whether a message may be answered, and kept at all. A rejected one leaves nothing behind but a count. */
  check(event: MessageEvent): Promise<AccessOutcome>;
}

export type MessageEvent = Extract<InboundEvent, { readonly kind: "message" }>;

export type AccessOutcome = { readonly outcome: "allowed" } | Rejection;

export type RejectReason = "unknown-person" | "unknown-chat" | "blocked" | "rate-limited";

export interface Rejection {
  readonly outcome: "rejected";
  readonly reason: RejectReason;
  /** What the person is told; null: nothing. */
  readonly reply: string | null;
}

export interface AccessOptions {
  readonly store: Pick<AccessStore, "requestAccess"> & {
    readonly reader: Pick<StoreReader, "standing" | "received">;
  };
  readonly clock: Clock;
  readonly options: {
    readonly dm: "pairing" | "closed" | "open";
    /** People and chats as `platform:id`. */
    readonly allow: readonly string[];
    readonly personPerMinute: number;
    readonly chatPerMinute: number;
    /** Platforms that are the operator's own: what comes from there is never checked. */
    readonly open: readonly string[];
  };
}

/** The most strangers of a platform that are given a code in a minute. */
const LINES_PER_MINUTE = 30;
/** The most chats of a platform that are noted in a minute. */
const NOTES_PER_MINUTE = 10;
/** How many strangers are known to have been told; who is forgotten is looked up where it is stored. */
const MOST_TOLD = 10_000;

const ALLOWED: AccessOutcome = { outcome: "allowed" };

export function createAccess({ store, clock, options }: AccessOptions): Access {
  const allowList = new Set(options.allow);
  const open = new Set(options.open);
  const people = createRateLimit({ perMinute: options.personPerMinute, clock });
  const chats = createRateLimit({ perMinute: options.chatPerMinute, clock });
  const lines = createRateLimit({ perMinute: LINES_PER_MINUTE, clock });
  const notes = createRateLimit({ perMinute: NOTES_PER_MINUTE, clock });
  const toldAt = createRecent<number>(MOST_TOLD);

  /** By the time of day, as codes go by it: while the machine slept, or had another clock, they ran out. */
  const wasTold = (key: string): boolean => {
    const [at, now] = [toldAt.get(key), clock.now()];
    return at !== undefined && at <= now && now - at < PAIRING_WINDOW_MS;
  };

  async function check(event: MessageEvent): Promise<AccessOutcome> {
    const { source } = event;
    if (open.has(source.platform)) return ALLOWED;
    const standing = await store.reader.standing(source);
    const party = partyOf(source);
    // Who is unknown again one day is told so at once.
    if (standing[party.kind] !== null) toldAt.delete(keyOf(party));
    if (standing.person === "blocked" || standing.chat === "blocked") return rejected("blocked");
    if (standing[party.kind] === "allowed" || allowList.has(`${source.platform}:${party.id}`)) return limited(event);
    if (party.kind === "chat") return strangeChat(event, party);
    return options.dm === "open" ? limited(event) : stranger(event, party);
  }

  async function limited(event: MessageEvent): Promise<AccessOutcome> {
    const { platform, account, user, chat } = event.source;
    // What was said to others starts nothing, and a redelivery of what is stored is not said again.
    if (event.addressed === false || (await store.reader.received(event)) !== null) return ALLOWED;
    const limits = [
      [people, keyOf({ platform, account, kind: "person", id: user })],
      [chats, keyOf({ platform, account, kind: "chat", id: chat })],
    ] as const;
    for (const [limit, key] of limits) {
      const waitMs = limit.waitMs(key);
      if (waitMs > 0) return rejected("rate-limited", limit.isFirstRefusal(key) ? pleaseWait(waitMs) : null);
    }
    for (const [limit, key] of limits) limit.take(key);
    return ALLOWED;
  }

  async function stranger(event: MessageEvent, party: Party): Promise<AccessOutcome> {
    if (options.dm === "closed" || event.addressed === false) return rejected("unknown-person");
    const asked = await request(party, event.source.userName, lines);
    if (asked === "allowed") return limited(event);
    return rejected("unknown-person", asked === null ? null : introduction(party.platform, asked.code));
  }

  async function strangeChat(event: MessageEvent, party: Party): Promise<AccessOutcome> {
    if (event.addressed === false) return rejected("unknown-chat");
    const asked = await request(party, event.source.chatName, notes);
    return asked === "allowed" ? limited(event) : rejected("unknown-chat");
  }

  /** Asks for a party at most once an hour, and for all of a platform no oftener than the limit says; null: not now. */
  async function request(
    party: Party,
    name: string | null,
    limit: RateLimit,
  ): Promise<{ readonly code: string } | "allowed" | null> {
    const key = keyOf(party);
    if (wasTold(key) || limit.waitMs(party.platform) > 0) return null;
    limit.take(party.platform);
    const asked = await store.requestAccess(party, name);
    if (asked.outcome === "decided") return asked.state === "allowed" ? "allowed" : null;
    toldAt.set(key, clock.now());
    return asked.outcome === "asked" ? asked : null;
  }

  return { check };
}

/** Who has to be allowed: in a direct message, and in a thread of one, the person; elsewhere the chat. */
function partyOf({ platform, account, chatType, chat, user }: Source): Party {
  const isDirect = chatType === "dm" || (chatType === "thread" && chat === user);
  return { platform, account, ...(isDirect ? { kind: "person", id: user } : { kind: "chat", id: chat }) };
}

function keyOf({ platform, account, kind, id }: Party): string {
  return JSON.stringify([platform, account, kind, id]);
}

function rejected(reason: RejectReason, reply: string | null = null): Rejection {
  return { outcome: "rejected", reason, reply };
}

function introduction(platform: string, code: string): string {
  return (
    `We have not met, so your message was not kept. Whoever runs this bot can let you in, within an hour, with: ` +
    `parlor access approve ${platform} ${code}`
  );
}

function pleaseWait(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  return `That was a lot at once, and your last message was not kept. Please send it again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
}
