/**
 * What a person looks at and takes in hand when a turn or a reply has come to no good end. It works beside
 * a running gateway: what is made due here is found by it when it next looks.
 */
import type { Delivery, DeliveryState } from "../core/delivery.ts";
import type { TokenUsage } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { Entry } from "../core/transcript.ts";
import type { TurnState } from "../core/turn.ts";
import type { Page, PageQuery } from "./reader.ts";
import type { Command } from "./store.ts";

export interface RepairStore {
  /**
   * Has the messages of a dead turn answered: they become those of a new turn, which is due at once and goes
   * before what waits in the session. Of a source it is the newest dead turn of its live session that was not
   * retried. Its age counts from now. A turn is retried once: asked again, it
   * answers with the turn that was made then. A command that asks for it does so once, whichever turn is the
   * last dead one when it comes again.
   */
  retryTurn(turn: string | { readonly source: Source }, command?: Command): Promise<RetryTurnOutcome>;

  /**
   * Sends a failed delivery again, or one of which nobody knows whether it has arrived, with its attempts
   * counted anew. It is the oldest of its destination, so it goes next there. Another process may have done
   * so already: then it is `unfit`, and is sent once.
   */
  retryDelivery(id: string, options?: RetryDeliveryOptions): Promise<RetryDeliveryOutcome>;

  /** Gives up a delivery that is not on its way; what stands behind it goes next. */
  dropDelivery(id: string): Promise<DropDeliveryOutcome>;
}

/** The turn that is meant, where a session's next one must not be. */
export interface TurnRef {
  readonly turnId: string;
}

export type RetryTurnOutcome =
  | { readonly outcome: "retried"; readonly turnId: string; readonly messages: number }
  /** It was retried before, by this turn; null: this command came before. */
  | { readonly outcome: "duplicate"; readonly turnId: string | null }
  /** Only a dead turn can be retried. */
  | { readonly outcome: "unfit"; readonly state: TurnState }
  /** Another turn of its session runs or is between attempts. */
  | { readonly outcome: "busy"; readonly turnId: string }
  /** The life of its session is over. */
  | { readonly outcome: "ended"; readonly sessionId: string }
  /** Not stored, or erased with its session; of a source: none is dead. */
  | { readonly outcome: "missing" };

export interface RetryDeliveryOptions {
  /** Whether one that may have arrived is sent again. Default: false. */
  readonly mayArriveTwice?: boolean;
}

export type RetryDeliveryOutcome =
  | { readonly outcome: "retried"; readonly delivery: Delivery }
  /** It may have arrived, and nobody said that it may arrive twice. */
  | { readonly outcome: "ambiguous" }
  /** Its words are gone: it belongs to no session, or nothing was to be sent. */
  | { readonly outcome: "wordless" }
  | { readonly outcome: "unfit"; readonly state: DeliveryState }
  | { readonly outcome: "missing" };

export type DropDeliveryOutcome =
  | { readonly outcome: "dropped"; readonly delivery: Delivery }
  | { readonly outcome: "unfit"; readonly state: DeliveryState }
  | { readonly outcome: "missing" };

export interface RepairReader {
  /** Turns, the most recently begun first. */
  turns(query?: TurnQuery): Promise<Page<TurnSummary>>;
  /** A turn with everything that belongs to it; null when there is none, or its session was erased. */
  turn(id: string): Promise<TurnDetail | null>;
  /** Deliveries, the newest first. */
  deliveries(query?: DeliveryQuery): Promise<Page<Delivery>>;
  /** What was sent of these entries of a session, by their numbers, at most 200; one of which nothing was is left out. */
  entryDeliveries(sessionId: string, seqs: readonly number[]): Promise<ReadonlyMap<number, readonly EntryDelivery[]>>;
}

/** A piece of an entry, and where it is on the platform. */
export interface EntryDelivery extends Pick<Delivery, "id" | "state" | "attempt" | "remoteId" | "error"> {
  /** Which of the parts of its entry it is, from 1. */
  readonly piece: number;
}

export interface TurnQuery extends PageQuery {
  readonly state?: TurnState;
  readonly sessionId?: string;
}

export interface DeliveryQuery extends PageQuery {
  readonly state?: DeliveryState;
  readonly sessionId?: string;
}

/** A turn as a list shows it. */
export interface TurnSummary {
  readonly id: string;
  readonly sessionId: string;
  readonly state: TurnState;
  /** How often it was tried. */
  readonly attempt: number;
  /** Why its last attempt failed, for the operator; null when none did. */
  readonly reason: string | null;
  /** The node that runs it. */
  readonly node: string | null;
  /** When it was first claimed, or retried by hand, in epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The dead turn whose messages it answers again. */
  readonly retryOf: string | null;
  /** The turn that answers its messages again. */
  readonly retriedBy: string | null;
}

export interface TurnDetail extends TurnSummary {
  /** The messages it was to answer, as they stand now. */
  readonly messages: readonly Entry[];
  /** What it has said. */
  readonly entries: readonly Entry[];
  readonly usage: TokenUsage | null;
  /** What was to be sent of it. */
  readonly deliveries: readonly Delivery[];
}
