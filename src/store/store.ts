/**
 * The store port: everything Parlor keeps, as verbs. Each verb is atomic: it has happened entirely,
 * durably and before its promise resolves, or not at all. No connection and no transaction shows.
 *
 * A verb that cannot reach its database throws `STORE_UNAVAILABLE` (retryable). After that it is
 * *unknown* whether it happened; calling again with the same identity is safe.
 */
import type { Delivery, DeliveryAccount, Destination } from "../core/delivery.ts";
import type { LifecycleEvent } from "../core/lifecycle-event.ts";
import type { InboundMessage } from "../core/message.ts";
import type { Session } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { AccessStore } from "./access-store.ts";
import type { AgentStore } from "./agent-store.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { QuestionStore } from "./question-store.ts";
import type { StoreReader } from "./reader.ts";
import type { RepairStore } from "./repair-store.ts";
import type { TurnStore } from "./turn-store.ts";

export interface Store
  extends
    SessionStore,
    TurnStore,
    DeliveryStore,
    EventStore,
    AccessStore,
    AgentStore,
    QuestionStore,
    LeaseStore,
    RepairStore,
    AsyncDisposable {
  /** The same data for those who may only look. */
  readonly reader: StoreReader;
  /**
   * Forgets what has served its time: receipts and lifecycle events past their retention, expired
   * draft notes. What a clock that was set back holds up is due again. Works in small steps; call it
   * now and then.
   */
  sweep(): Promise<void>;
}

/** A conversation by its address, or a stored session by its id. An id alone never reaches a draft. */
export type SessionRef = { readonly source: Source } | { readonly sessionId: string };

export interface SessionStore {
  /**
   * The live session of a source, or the draft that the next message would open (also when the live
   * one is due for an automatic reset). Never writes.
   */
  getOrCreate(source: Source): Promise<Session>;

  /**
   * Writes the row of a draft before anyone has spoken, for callers that need it first; the row is
   * pinned and counted apart. Returns the stored session; when it is stored already, nothing changes.
   *
   * @throws ParlorError `GONE` when that life has ended or was erased meanwhile.
   */
  ensurePersisted(session: Session): Promise<Session>;

  /**
   * Records a message once. In one transaction: its receipt, the session's row if it is the first
   * content (after ending a life that its reset policy says is over), the message under the next
   * sequence number, the search index, the lifecycle events. One more than the busy policy lets wait in a
   * session is refused.
   */
  accept(message: InboundMessage): Promise<AcceptOutcome>;

  /**
   * Appends what was said near the agent, not to it, if its session exists: no birth, no turn, no
   * activity. Its receipt does not stand for the addressed copy of the same message, which some
   * platforms send after it.
   */
  overhear(message: InboundMessage): Promise<OverhearOutcome>;

  /**
   * Ends a life. In one transaction: the end and its event, the fence (a running turn can no longer
   * commit), unanswered messages become `cancelled`. Of a draft: nothing is written. No row is created.
   */
  reset(ref: SessionRef, command?: Command): Promise<ResetOutcome>;

  /**
   * Changes a stored session. A title set on a draft is kept in a note for 24 hours (the newest
   * 10,000 are) and given to the session at birth. Never creates a session.
   */
  update(ref: SessionRef, patch: SessionPatch, command?: Command): Promise<UpdateOutcome>;

  /**
   * Removes a session and everything said in it from the database, its index and its log. What stays
   * is a tombstone without content, so that the id and its receipts keep answering "gone".
   */
  erase(sessionId: string): Promise<EraseOutcome>;
}

/** What makes a state-changing command act once: the identity of the message it was typed in. */
export interface Command {
  readonly source: Source;
  readonly eventId: string | null;
}

export type AcceptOutcome =
  | {
      readonly outcome: "accepted";
      readonly session: Session;
      readonly seq: number;
      /** Whether this message opened the session. */
      readonly opened: boolean;
    }
  /** Received before: where it went then. Nothing was started. */
  | { readonly outcome: "duplicate"; readonly sessionId: string; readonly seq: number }
  /** The same id was received before with another body. */
  | { readonly outcome: "conflict" }
  /** Received before, and erased since. */
  | { readonly outcome: "gone" }
  /** As many messages wait in the session as may. Nothing was stored, no receipt either: sent again, it is judged anew. */
  | { readonly outcome: "full"; readonly sessionId: string; readonly waiting: number };

export type OverhearOutcome =
  | Exclude<AcceptOutcome, { outcome: "accepted" | "full" }>
  | { readonly outcome: "overheard"; readonly sessionId: string; readonly seq: number }
  | { readonly outcome: "ignored" };

export type ResetOutcome =
  | {
      readonly outcome: "reset";
      /** The life that ended. */
      readonly ended: Session;
      /** The draft of the next one. */
      readonly draft: Session;
      /** How many messages will not be answered. */
      readonly cancelled: number;
    }
  /** There was no life to end: a draft, or an id whose life is over already. */
  | { readonly outcome: "unchanged"; readonly session: Session }
  | { readonly outcome: "duplicate" }
  | { readonly outcome: "gone" }
  | { readonly outcome: "missing" };

export interface SessionPatch {
  /** At most 200 characters; null removes it. */
  readonly title?: string | null;
  readonly memoryFlushed?: boolean;
}

export type UpdateOutcome =
  | { readonly outcome: "updated"; readonly session: Session }
  /** Kept for the draft's birth. */
  | { readonly outcome: "noted"; readonly session: Session }
  | { readonly outcome: "duplicate" }
  | { readonly outcome: "gone" }
  | { readonly outcome: "missing" };

export type EraseOutcome =
  | {
      readonly outcome: "erased";
      readonly messages: number;
      /**
       * Whether the words have left the bytes of the files too; false while a reader in another
       * process holds the log open: they leave with its next truncation.
       */
      readonly scrubbed: boolean;
    }
  | { readonly outcome: "gone" }
  | { readonly outcome: "missing" };

export interface DeliveryStore {
  /** Adds a reply that belongs to no turn, such as a command's answer. */
  addDelivery(reply: LooseReply): Promise<Delivery>;

  /**
   * Takes up to `limit` deliveries that are due, at most the oldest of each destination, and none of the accounts
   * `besides`. One whose sender disappeared, or said so, comes back with `ambiguous`: whether it was sent is not
   * known.
   */
  takeDeliveries(request: {
    readonly node: string;
    readonly leaseMs: number;
    readonly limit: number;
    /** Default: none. */
    readonly besides?: readonly DeliveryAccount[];
  }): Promise<readonly TakenDelivery[]>;

  /** Ends an attempt. `lost` when another attempt has begun since. */
  settleDelivery(taken: Pick<Delivery, "id" | "attempt">, result: DeliveryResult): Promise<"settled" | "lost">;
}

export interface LooseReply {
  readonly destination: Destination;
  readonly text: string;
  /**
   * What makes it be added once: with a key that was given before, the delivery that was added then is
   * returned as it stands now, settled or not. A key is remembered as long as a receipt, and the text only
   * until it is settled. null: always a new one.
   */
  readonly key: string | null;
}

export type TakenDelivery = Delivery & { readonly ambiguous: boolean };

export type DeliveryResult =
  /** The next delivery of its destination is due `restMs` later, at most a minute. Default: 0. */
  | { readonly state: "sent"; readonly remoteId: string | null; readonly restMs?: number }
  | PutOff
  | { readonly state: "failed" | "unknown"; readonly error: string };

/** Try again at `dueAt`, in epoch milliseconds. */
export interface PutOff {
  readonly state: "pending";
  readonly dueAt: number;
  readonly error: string;
  /** Whether it may have arrived: it is taken as `ambiguous` the next time. Default: false. */
  readonly ambiguous?: boolean;
  /** Whether the attempt counts towards a limit. Default: true. */
  readonly counts?: boolean;
  /** Whether the message that was posted is no longer there: its id is forgotten. Default: false. */
  readonly gone?: boolean;
}

export interface EventStore {
  /** From the first call on, lifecycle events wait for `takeEvents`; those before it are not handed out. */
  watchEvents(): Promise<void>;
  /** Events no longer wait for anyone: the hooks are gone from the configuration. */
  unwatchEvents(): Promise<void>;
  /** Up to `limit` events that are due, at most the oldest of each session. Taken ones come again after `leaseMs`. */
  takeEvents(request: { readonly leaseMs: number; readonly limit: number }): Promise<readonly TakenEvent[]>;
  /** `done`, `dead` (given up, kept visible), or due again at a time in epoch milliseconds. */
  settleEvent(id: number, result: "done" | "dead" | { readonly dueAt: number }): Promise<void>;
}

export type TakenEvent = { readonly event: LifecycleEvent; readonly attempt: number };
