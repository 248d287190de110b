/** The reading side of the store port. Nothing here writes, and only what is stored is found. */
import type { DeliveryAccount, DeliveryState } from "../core/delivery.ts";
import type { LifecycleEvent } from "../core/lifecycle-event.ts";
import type { InboundMessage, MessageState } from "../core/message.ts";
import type { ResetReason, Session, TokenUsage } from "../core/session.ts";
import type { Entry } from "../core/transcript.ts";
import type { TurnState } from "../core/turn.ts";
import type { AccessReader } from "./access-store.ts";
import type { AgentReader } from "./agent-store.ts";
import type { QuestionReader } from "./question-store.ts";
import type { RepairReader } from "./repair-store.ts";
import type { AcceptOutcome } from "./store.ts";

export interface StoreReader extends AccessReader, AgentReader, QuestionReader, RepairReader {
  /** "Never stored", "erased" and "unreadable" are three answers; the last one is an error. */
  get(sessionId: string): Promise<FoundSession>;
  /** Stored sessions, the most recently active first. */
  list(query?: ListQuery): Promise<Page<Session>>;
  /** What was said, by sequence number, oldest first. */
  transcript(sessionId: string, query?: TranscriptQuery): Promise<Page<Entry>>;
  /** What a list shows of each of these sessions besides its row; an id that is not stored is left out. */
  glance(sessionIds: readonly string[]): Promise<ReadonlyMap<string, Glance>>;
  /**
   * Lifecycle events in the order of their ids, each with its session as it is stored now. An event is
   * found once it is committed, and none with a lower id is committed after it.
   */
  events(query: EventQuery): Promise<readonly RecordedEvent[]>;
  /** The ids of the events that are still kept. */
  eventRange(): Promise<EventRange>;
  /**
   * What accepting this message would find out: null when it was not received before, or has no id. A
   * command that came under the same id is a conflict, too.
   */
  received(message: InboundMessage): Promise<ReceivedMessage | null>;
  /** How a message stands and what was answered; null when there is no such message. */
  reply(sessionId: string, seq: number): Promise<ReplyState | null>;
  /**
   * Entries that hold every word of the query, newest first. Upper case and accents do not count;
   * `"several words"` must stand together; `word*` also finds longer words. Chinese, Japanese, Korean
   * and Thai are found by any run of characters.
   *
   * @throws ParlorError `INVALID_INPUT` when the query has no letter or digit.
   */
  search(query: SearchQuery): Promise<Page<SearchHit>>;
  stats(): Promise<StoreStats>;
  /** Holds the database against the invariants; a healthy store answers with no defect. */
  verify(): Promise<readonly Check[]>;
  /** What is to be done, counted from what is left of it, however much is stored. */
  backlog(): Promise<Backlog>;
  /**
   * When the next turn, delivery or event falls due, in epoch milliseconds; null when nothing waits. Deliveries of
   * the accounts `besides` are left out. Default: none.
   */
  nextDue(besides?: readonly DeliveryAccount[]): Promise<NextDue>;
}

export interface Backlog {
  /** Messages that wait for a turn. */
  readonly waiting: number;
  /** Sessions in which something waits or runs. */
  readonly sessions: number;
  /** When the oldest of the waiting messages was sent, in epoch milliseconds. */
  readonly oldestAt: number | null;
  /** Deliveries that are not settled. */
  readonly deliveries: number;
  /** When the oldest of them was made, in epoch milliseconds. */
  readonly oldestDeliveryAt: number | null;
  /** Deliveries that failed, or of which nobody knows whether they have arrived. */
  readonly deadDeliveries: number;
  /** Dead turns that nobody has retried by hand. */
  readonly deadTurns: number;
  /** Lifecycle events that wait for a hook. */
  readonly events: number;
}

export interface NextDue {
  readonly turn: number | null;
  readonly delivery: number | null;
  readonly event: number | null;
}

export type FoundSession =
  | { readonly outcome: "found"; readonly session: Session }
  /** Erased at this time, in epoch milliseconds. */
  | { readonly outcome: "gone"; readonly erasedAt: number }
  | { readonly outcome: "missing" };

/** What was made of a message when it came before. */
export type ReceivedMessage = Exclude<AcceptOutcome, { outcome: "accepted" | "full" }>;

export interface PageQuery {
  /** 1 to 200; default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface ListQuery extends PageQuery {
  readonly platform?: string;
  /** true: only lives that go on; false: only ended ones. Default: both. */
  readonly live?: boolean;
}

export interface TranscriptQuery extends PageQuery {
  /** true: newest first. Default: false. */
  readonly newestFirst?: boolean;
  /** Only entries with a higher sequence number. Default: 0. */
  readonly afterSeq?: number;
}

export interface Glance {
  /** Whether a message waits for its answer or is being answered. */
  readonly isBusy: boolean;
  /** What was said last, at most 200 characters of it; null where nothing was said. */
  readonly lastEntry: Pick<Entry, "role" | "text" | "createdAt"> | null;
}

export interface EventQuery {
  /** Only events with a higher id; 0 for the oldest that are kept. */
  readonly after: number;
  /** 1 to 1,000; default 200. */
  readonly limit?: number;
}

export interface RecordedEvent {
  readonly event: LifecycleEvent;
  /** Null when it has been erased. */
  readonly session: Session | null;
}

/** What is kept of the events: `first` to `last`. Where none is, `first` is one more than `last`. */
export interface EventRange {
  readonly first: number;
  /** The highest id ever given; 0 before the first. */
  readonly last: number;
}

export interface SearchQuery extends PageQuery {
  readonly text: string;
}

export interface SearchHit {
  readonly sessionId: string;
  readonly seq: number;
  readonly role: Entry["role"];
  readonly createdAt: number;
  /** A piece of the entry around the first match, at most about 160 characters. */
  readonly snippet: string;
  /** Where the query's words stand in the snippet: UTF-16 offsets, end exclusive. */
  readonly highlights: readonly { readonly start: number; readonly end: number }[];
}

export interface StoreStats {
  readonly sessions: number;
  readonly liveSessions: number;
  readonly pinnedSessions: number;
  /** Sessions without content that nobody pinned: always 0, or the store is defective. */
  readonly emptySessions: number;
  readonly entries: number;
  readonly messages: Readonly<Record<MessageState, number>>;
  readonly turns: Readonly<Record<TurnState, number>>;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The size of the database in bytes. */
  readonly bytes: number;
}

export interface Check {
  /** What was looked for, such as `no-ghost`. */
  readonly name: string;
  /** The invariant it holds the store against, such as `I6`; null for the database's own consistency. */
  readonly invariant: string | null;
  /** What must hold, in one sentence. */
  readonly rule: string;
  /** How many defects were found. */
  readonly defects: number;
  /** Some of them, by id. */
  readonly examples: readonly string[];
}

/** How a message stands. */
export interface ReplyState {
  readonly state: MessageState;
  /**
   * What its turn has said, without its questions and what was chosen, behind what interrupted turns had said
   * to it; empty until the turn is done or dead.
   */
  readonly entries: readonly Entry[];
  /** The tokens spent on its turn; null until it is answered, and when the agent did not report any. */
  readonly usage: TokenUsage | null;
  /** Why its life ended, if it did. */
  readonly endReason: ResetReason | null;
}
