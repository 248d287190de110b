/** The steps that most rules are told in. */
import assert from "node:assert/strict";
import { DEFAULT_BUSY, type BusyPolicy } from "../../core/busy-policy.ts";
import type { LifecycleEvent } from "../../core/lifecycle-event.ts";
import type { Entry } from "../../core/transcript.ts";
import type { Lease, Turn } from "../../core/turn.ts";
import type { Session } from "../../core/session.ts";
import type { AcceptOutcome, Store } from "../../store/store.ts";
import type { CommitOutcome, InterruptOutcome, TurnResult } from "../../store/turn-store.ts";
import type { StoreOptions } from "../../store/options.ts";
import { messageOf, type MessageOptions } from "../sources.ts";

export const SECOND = 1000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

export const LEASE_MS: number = 30 * SECOND;

/** The options of a store with this busy policy everywhere. */
export function busy(policy: Partial<BusyPolicy>): StoreOptions {
  return { busy: { default: { ...DEFAULT_BUSY, ...policy } } };
}

export type Accepted = Extract<AcceptOutcome, { outcome: "accepted" }>;

/** Someone says something new. */
export async function say(store: Store, text: string, options?: MessageOptions): Promise<Accepted> {
  const accepted = await store.accept(messageOf(text, options));
  assert.ok(accepted.outcome === "accepted", `a message that is new must be accepted; was ${accepted.outcome}`);
  return accepted;
}

/** What is to be done next, if anything. */
export function claimNext(store: Store, node: string = "node-a", maxMessages: number = 10): Promise<Turn | null> {
  return store.claimTurn({ node, leaseMs: LEASE_MS, maxMessages, maxAgeMs: 0 });
}

/** What is to be done next; there must be something. */
export async function claim(store: Store, node?: string, maxMessages?: number): Promise<Turn> {
  const turn = await claimNext(store, node, maxMessages);
  assert.ok(turn !== null, "there must be a turn to claim");
  return turn;
}

/** The texts of messages or entries. */
export function textsOf(entries: readonly { readonly text: string }[]): string[] {
  return entries.map(({ text }) => text);
}

/** A result of one assistant entry for each text, none of them delivered. */
export function resultOf(...texts: readonly string[]): TurnResult {
  return { entries: texts.map((text) => ({ role: "assistant" as const, text, pieces: [] })) };
}

/** A result of one assistant entry for each text, each delivered in one piece. */
export function sentResultOf(...texts: readonly string[]): TurnResult {
  return { entries: texts.map((text) => ({ role: "assistant" as const, text, pieces: [text] })) };
}

/** Claims what is to be done next and answers it. */
export async function answer(store: Store, text: string, deliver: boolean = false): Promise<Turn> {
  const turn = await claim(store);
  const result = deliver ? sentResultOf(text) : resultOf(text);
  const outcome: CommitOutcome = await store.commitTurn(turn.lease, result);
  assert.equal(outcome.outcome, "committed", "the holder of a lease must be able to commit");
  return turn;
}

/** Ends a turn for a newer message, when the agent has said so much; what it has said is delivered in one piece. */
export function interrupt(store: Store, lease: Lease, text: string = ""): Promise<InterruptOutcome> {
  return store.interruptTurn(lease, { text, pieces: text === "" ? [] : [text] });
}

/** Every entry of a session, read in pages of `limit`. */
export async function transcriptOf(store: Store, sessionId: string, limit: number = 100): Promise<Entry[]> {
  return await everyPage((cursor) => store.reader.transcript(sessionId, { limit, ...cursor }));
}

/** The stored session of this id. */
export async function stored(store: Store, sessionId: string): Promise<Session> {
  const found = await store.reader.get(sessionId);
  assert.ok(found.outcome === "found", `the session must be stored; was ${found.outcome}`);
  return found.session;
}

/** Reads all pages, one after the other. */
export async function everyPage<T>(
  read: (cursor: {
    readonly cursor?: string;
  }) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof read>> = await read(cursor === null ? {} : { cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Takes and settles lifecycle events until none is due. */
export async function drainEvents(store: Store): Promise<LifecycleEvent[]> {
  const events: LifecycleEvent[] = [];
  for (;;) {
    const taken = await store.takeEvents({ leaseMs: LEASE_MS, limit: 100 });
    if (taken.length === 0) return events;
    for (const { event } of taken) {
      events.push(event);
      await store.settleEvent(event.id, "done");
    }
  }
}

/** The types of what happened to one session, in order. */
export function typesOf(events: readonly LifecycleEvent[], sessionId: string): string[] {
  return events.filter((event) => event.sessionId === sessionId).map(({ type }) => type);
}
