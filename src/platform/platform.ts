/** The platform port: where replies go, and for a chat platform also where events come from. */
import type { Delivery, Destination } from "../core/delivery.ts";

export interface Platform {
  /** `Source.platform` of its events. */
  readonly name: string;
  /** Whether the far side recognises a repeated delivery by its id, so that repeating an ambiguous one is safe. */
  readonly idempotent: boolean;
  /** The longest text one delivery may have, in UTF-16 units; null: any. */
  readonly maxLength: number | null;
  /** Whether replies to this destination are sent; otherwise they are read from the transcript. */
  delivers(destination: Destination): boolean;
  /** One attempt. Throws nothing for what a platform may answer; what it throws counts as ambiguous. */
  send(delivery: Delivery, signal: AbortSignal): Promise<SendOutcome>;
}

/** A platform that is asked for its events, because it cannot or need not call. */
export interface ChatPlatform extends Platform {
  /** For people: what it is called there, such as `telegram @parlor_bot`. */
  readonly label: string;
  /** Begins to take events. Each is confirmed once it was received; what was not comes again. */
  start(): void;
  /** Takes nothing more. Resolves when what is being received has been, or was given up unconfirmed. */
  stop(): Promise<void>;
  /** Says something that need not arrive: one attempt, nothing kept. Rejects when it failed. */
  say(destination: Destination, text: string): Promise<void>;
  /** Shows for some seconds that an answer is being made. Never rejects. */
  showTyping(destination: Destination): Promise<void>;
}

export type SendOutcome =
  | { readonly outcome: "sent"; readonly remoteId: string | null }
  /** Surely not sent; worth another attempt, not before `retryAfterMs` when given. */
  | { readonly outcome: "retry"; readonly error: string; readonly retryAfterMs?: number }
  /** Surely not sent, and never will be. */
  | { readonly outcome: "failed"; readonly error: string }
  /** Perhaps sent. */
  | { readonly outcome: "ambiguous"; readonly error: string };
