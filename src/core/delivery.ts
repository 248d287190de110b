/**
 * A delivery is one reply to one place, kept until the platform has it.
 *
 *     open ──commit──▶ pending ──take──▶ sending ──▶ sent
 *       │                 ▲                 ├──sender disappeared, taken again──▶ sending
 *       │                 └─try again later─┤
 *       └──cancel──▶ dropped                ├──given up──▶ failed
 *                                           └──nobody can tell──▶ unknown
 *     by hand: failed, unknown ──retry──▶ pending
 *              pending, failed, unknown ──drop──▶ dropped
 *
 * `open` is a reply that is being streamed: its turn has not been committed.
 */
import type { Source } from "./source.ts";

export const DELIVERY_STATES = ["open", "pending", "sending", "sent", "failed", "unknown", "dropped"] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

const NEXT: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  open: ["pending", "dropped"],
  pending: ["sending", "dropped"],
  sending: ["sending", "pending", "sent", "failed", "unknown"],
  sent: [],
  failed: ["pending", "dropped"],
  unknown: ["pending", "dropped"],
  dropped: [],
};

/** Whether a delivery may go from one state to the other. */
export function canDeliveryBecome(from: DeliveryState, to: DeliveryState): boolean {
  return NEXT[from].includes(to);
}

/** Where a reply goes. Replies to one destination are sent one after the other. */
export type Destination = Pick<Source, "platform" | "account" | "chatType" | "chat" | "thread" | "user">;

/** What sends a reply, such as a bot or a webhook: all its destinations may be slow together. */
export type DeliveryAccount = Pick<Destination, "platform" | "account">;

export interface Delivery {
  /** The idempotency key: one for each logical reply, the same on every attempt. */
  readonly id: string;
  readonly sessionId: string | null;
  readonly turnId: string | null;
  /** The transcript entry it delivers; null while it is open, and for a command's answer. */
  readonly seq: number | null;
  readonly destination: Destination;
  readonly text: string;
  readonly state: DeliveryState;
  /** 1 on the first try. It only grows: what an earlier attempt still reports cannot pass for a later one's. */
  readonly attempt: number;
  /** How many attempts there were when it was last retried by hand; those count towards no limit. */
  readonly pardoned: number;
  /** The platform's id of the message, once known: later attempts edit that message. */
  readonly remoteId: string | null;
  readonly error: string | null;
  readonly createdAt: number;
}
