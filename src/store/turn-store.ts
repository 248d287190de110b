/** The turns of the store port: from what waits to what was answered. */
import type { Delivery } from "../core/delivery.ts";
import type { TokenUsage } from "../core/session.ts";
import type { Entry } from "../core/transcript.ts";
import type { GroupLimits } from "../core/turn-group.ts";
import type { Lease, Turn } from "../core/turn.ts";
import type { TurnRef } from "./repair-store.ts";
import type { Command, SessionRef } from "./store.ts";

export interface TurnStore {
  /**
   * Takes the session that has waited longest: makes a turn of its waiting messages as its busy policy
   * says, or takes up one whose back-off or lease has run out, under a fence higher than any before. With
   * `interrupt`, a turn to be taken up whose messages would now be answered together with newer ones is
   * ended as `interrupted`, and a new one is made of all. Null when there is nothing to do now.
   */
  claimTurn(claim: ClaimRequest): Promise<Turn | null>;

  /**
   * Moves the end of the lease to `leaseMs` from now. `interrupt`: renewed, and under the busy policy a newer
   * message ends this run; `interruptTurn` would not answer `alone`. `lost`: stop, someone else may be running it.
   */
  renewLease(lease: Lease, leaseMs: number): Promise<"renewed" | "interrupt" | "lost">;

  /**
   * Opens the turn's delivery before the first streamed post; the same delivery on every attempt. One that
   * is not new and has no `remoteId` may have been posted: whoever did so could not record it.
   */
  openDelivery(lease: Lease): Promise<OpenOutcome>;

  /** Records the platform's id of what was posted for an open delivery. */
  recordPost(lease: Lease, remoteId: string): Promise<"recorded" | "lost">;

  /**
   * Records it when the turn was over before the platform answered: while nobody has begun to send the
   * delivery, it becomes an edit of what was posted, due at once. Otherwise it is `late`.
   */
  recordLatePost(deliveryId: string, remoteId: string): Promise<"recorded" | "late">;

  /** Stores everything a turn has produced, in one fenced transaction. */
  commitTurn(lease: Lease, result: TurnResult): Promise<CommitOutcome>;

  /** Ends an attempt: to be tried again at `retryAt`, or, without it, dead with a notice to the person. */
  failTurn(lease: Lease, failure: TurnFailure): Promise<"retrying" | "dead" | "lost">;

  /**
   * Ends a turn before it has answered, in one fenced transaction: its messages wait again, to be answered
   * with the newer ones. What the agent has said so far is stored and delivered as a result is; when that
   * is blank, nothing is stored, and an open delivery goes over to the next turn of the session.
   */
  interruptTurn(lease: Lease, said: InterruptedAnswer): Promise<InterruptOutcome>;

  /**
   * Cancels what a session is doing and what waits in it. By the id of a turn: only while it is that turn
   * which runs or is between attempts; else it is `idle`.
   */
  cancelTurn(ref: SessionRef | TurnRef, command?: Command): Promise<CancelOutcome>;

  /** The nodes that hold a lease of a turn or a delivery. */
  leaseholders(): Promise<readonly string[]>;

  /** Ends every lease of a node that is known to be dead, so that its work is taken up at once. */
  releaseNode(node: string): Promise<void>;
}

/** Messages older than `maxAgeMs` and younger ones never share a turn: the older ones, in order, have their own. */
export interface ClaimRequest extends GroupLimits {
  readonly node: string;
  readonly leaseMs: number;
}

export interface TurnResult {
  /** What the agent said, and what Parlor has to say, in order. */
  readonly entries: readonly ResultEntry[];
  readonly usage?: TokenUsage & { readonly model: string };
  /** See `TurnFailure.restMs`. */
  readonly restMs?: number;
}

export type OpenOutcome =
  | { readonly outcome: "opened"; readonly delivery: Delivery; readonly isNew: boolean }
  /** Earlier replies to the same place are still to be sent: what is posted now would stand before them. */
  | { readonly outcome: "behind" }
  | { readonly outcome: "lost" };

export interface ResultEntry {
  readonly role: "assistant" | "notice";
  readonly text: string;
  /**
   * What is sent of it to where the messages came from, in order, each piece a delivery of its own. Empty:
   * nothing is sent, the entry is read from the transcript. An open delivery becomes the first piece of
   * the first assistant entry that has one.
   */
  readonly pieces: readonly string[];
}

export type CommitOutcome =
  | { readonly outcome: "committed"; readonly entries: readonly Entry[] }
  /** The fence was raised: the result is not stored and nothing of it may be sent. */
  | { readonly outcome: "lost" };

/** What the agent had said when it was interrupted. */
export interface InterruptedAnswer extends Pick<ResultEntry, "text" | "pieces"> {
  /** See `TurnFailure.restMs`. */
  readonly restMs?: number;
}

export type InterruptOutcome =
  | { readonly outcome: "interrupted"; readonly entries: readonly Entry[] }
  /**
   * Nothing has changed: no message has come since it began that could be answered with its own, or it
   * answers messages that somebody wanted answered by hand.
   */
  | { readonly outcome: "alone" }
  | { readonly outcome: "lost" };

export interface TurnFailure {
  /** For the operator: what went wrong, in one sentence without message text. */
  readonly reason: string;
  /** Epoch milliseconds; null: give up. */
  readonly retryAt: number | null;
  /** What the person is told when it is given up. */
  readonly notice: string;
  /** What is sent of the notice, as of `ResultEntry`. */
  readonly pieces: readonly string[];
  /**
   * How long an open delivery rests before it is sent, in milliseconds, at most a minute: its message was
   * changed a moment ago, or its first post is still on its way. Default: 0.
   */
  readonly restMs?: number;
  /** Whether the attempt counts; a turn that is handed back unfinished loses none. Default: true. */
  readonly counts?: boolean;
}

export type CancelOutcome =
  | {
      readonly outcome: "cancelled";
      /** The turn that was running or between attempts; null when messages only waited. */
      readonly turnId: string | null;
      /** `answering` and `waiting` together. */
      readonly messages: number;
      /** How many messages that turn was to answer. */
      readonly answering: number;
      /** How many waited for the next one. */
      readonly waiting: number;
    }
  | { readonly outcome: "idle" }
  | { readonly outcome: "duplicate" }
  | { readonly outcome: "gone" }
  | { readonly outcome: "missing" };
