import type { Delivery } from "../core/delivery.ts";
import type { Platform, SendOutcome } from "../platform/platform.ts";

export interface FakePlatform extends Platform {
  /** What was sent, in order, every attempt of it. */
  readonly sent: readonly Delivery[];
  /** How the next attempts end, in order; after them, each is sent. */
  next(...outcomes: readonly SendOutcome[]): void;
}

export interface FakePlatformOptions {
  /** Default: `fake`. */
  readonly name?: string;
  /** Default: true. */
  readonly idempotent?: boolean;
  /** Default: null, any length. */
  readonly maxLength?: number | null;
}

/** A platform in memory that takes every reply, or answers as it was told. */
export function createFakePlatform({
  name = "fake",
  idempotent = true,
  maxLength = null,
}: FakePlatformOptions = {}): FakePlatform {
  const sent: Delivery[] = [];
  const script: SendOutcome[] = [];
  return {
    name,
    idempotent,
    maxLength,
    sent,
    next: (...outcomes) => script.push(...outcomes),
    delivers: ({ platform }) => platform === name,
    send: (delivery) => {
      sent.push(delivery);
      return Promise.resolve(script.shift() ?? { outcome: "sent", remoteId: `remote-${sent.length}` });
    },
  };
}
