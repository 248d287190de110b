/** The platform port: where replies go. */
import type { Delivery } from "../core/delivery.ts";

export interface Platform {
  /** `Source.platform` of its events. */
  readonly name: string;
  /** Whether the far side recognises a repeated delivery by its id, so that repeating an ambiguous one is safe. */
  readonly idempotent: boolean;
  /** Whether replies to this destination are sent; otherwise they are read from the transcript. */
  delivers(destination: Delivery["destination"]): boolean;
  /** One attempt. Throws nothing for what a platform may answer; what it throws counts as ambiguous. */
  send(delivery: Delivery, signal: AbortSignal): Promise<SendOutcome>;
}

export type SendOutcome =
  | { readonly outcome: "sent"; readonly remoteId: string | null }
  /** Surely not sent; worth another attempt, not before `retryAfterMs` when given. */
  | { readonly outcome: "retry"; readonly error: string; readonly retryAfterMs?: number }
  /** Surely not sent, and never will be. */
  | { readonly outcome: "failed"; readonly error: string }
  /** Perhaps sent. */
  | { readonly outcome: "ambiguous"; readonly error: string };
