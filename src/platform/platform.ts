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
  /**
   * One attempt: a new message, or, where the delivery has a `remoteId` and the platform streams, an edit of
   * that one. Throws nothing for what a platform may answer; what it throws counts as ambiguous.
   */
  send(delivery: Delivery, signal: AbortSignal): Promise<SendOutcome>;
  /** Shows a reply while it is written. Absent where messages cannot be edited, or that is turned off. */
  readonly streaming?: Streaming;
  /** Asks what became of a delivery that may have arrived. Absent where the platform cannot be asked. */
  reconcile?(delivery: Delivery, signal: AbortSignal): Promise<Reconciled>;
}

/** A message that grows. Its text is at most `maxLength` long. Both calls are one attempt, as `send` is. */
export interface Streaming {
  /** The least time between two changes of a message there, in milliseconds. */
  intervalMs(destination: Destination): number;
  post(destination: Destination, text: string, signal: AbortSignal): Promise<SendOutcome>;
  /** The same edit may be made any number of times. */
  edit(destination: Destination, remoteId: string, text: string, signal: AbortSignal): Promise<SendOutcome>;
}

/** A platform that is asked for its events, because it cannot or need not call. */
export interface ChatPlatform extends Platform {
  /** For people: what it is called there, such as `telegram @parlor_bot`. */
  readonly label: string;
  /** The name of the lease under which it is asked: two processes that do would take events from each other. */
  readonly lease: string;
  /** Begins to take events. Each is confirmed once it was received; what was not comes again. */
  start(): void;
  /**
   * Takes nothing more, until it is started again. Resolves when what is being received has been, or was given up
   * unconfirmed. `ousted`: another process may take events by now, and is not to be disturbed by a last word.
   */
  stop(why?: "stopped" | "ousted"): Promise<void>;
  /** Says something that need not arrive: one attempt, nothing kept. Rejects when it failed. */
  say(destination: Destination, text: string): Promise<void>;
  /** Shows for some seconds that an answer is being made. Never rejects. */
  showTyping(destination: Destination): Promise<void>;
  /**
   * The file that an attachment of its events stands for. Rejects with the signal's reason when that is aborted,
   * and with nothing else. Absent where its files are on the web.
   */
  fetchFile?(url: string, limits: FileLimits): Promise<PlatformFile>;
}

export interface FileLimits {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export type PlatformFile =
  | { readonly outcome: "fetched"; readonly bytes: Uint8Array; readonly mediaType: string }
  /** `reason`: a few words of ours, without the address. */
  | { readonly outcome: "unavailable"; readonly reason: string };

export type SendOutcome =
  /** The next message to the same destination should wait for `restMs`. */
  | { readonly outcome: "sent"; readonly remoteId: string | null; readonly restMs?: number }
  /** Not tried: the destination has to rest first. Costs no attempt. */
  | { readonly outcome: "later"; readonly waitMs: number }
  /** Surely not sent; worth another attempt, not before `retryAfterMs` when given. */
  | { readonly outcome: "retry"; readonly error: string; readonly retryAfterMs?: number }
  /** The message that was to be edited is no longer there. */
  | { readonly outcome: "gone"; readonly error: string }
  /** Surely not sent, and never will be. */
  | { readonly outcome: "failed"; readonly error: string }
  /** Perhaps sent. */
  | { readonly outcome: "ambiguous"; readonly error: string };

export type Reconciled =
  | { readonly outcome: "sent"; readonly remoteId: string | null }
  /** Surely not sent. */
  | { readonly outcome: "absent" }
  /** Nobody can tell now. */
  | { readonly outcome: "unknown" };
