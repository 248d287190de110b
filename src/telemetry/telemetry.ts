/**
 * One function per business event. Each counts, and writes one structured log line with ids and
 * without content.
 */
import type { SessionKey } from "../core/session-key.ts";

/** What became of an inbound event; the six add up to the number received. */
export type InboundOutcome = "signal" | "duplicate" | "rejected" | "command" | "failed" | "accepted";

export interface Telemetry {
  /** `detail` is the signal's name, the command's name, the reason of a rejection, or an error's message. */
  inbound(
    outcome: InboundOutcome,
    event: { readonly platform: string; readonly detail?: string; readonly sessionId?: string; readonly seq?: number },
  ): void;
  /** A key sent something that is not content and holds no stored session. */
  emptySessionAvoided(key: SessionKey): void;
  /** Whether the key is counted as avoided already, so that the store need not be asked again. */
  isCountedAvoided(key: SessionKey): boolean;
  /** A session was opened: its key is no longer one that only sends signals. */
  sessionOpened(
    key: SessionKey,
    facts: { readonly sessionId: string; readonly platform: string; readonly reset: string | null },
  ): void;
  turnStarted(turn: TurnFacts & { readonly waitedMs: number; readonly messages: number }): void;
  turnEnded(
    turn: TurnFacts & {
      readonly outcome: "done" | "retrying" | "dead" | "cancelled" | "lost";
      readonly ranMs: number;
      readonly reason?: string;
    },
  ): void;
  firstToken(turn: TurnFacts & { readonly afterMs: number }): void;
  deliverySettled(delivery: {
    readonly deliveryId: string;
    readonly platform: string;
    readonly state: "sent" | "pending" | "failed" | "unknown";
    readonly attempt: number;
    readonly error?: string;
  }): void;
  hookSettled(hook: {
    readonly eventId: number;
    readonly type: string;
    readonly outcome: "done" | "retrying" | "dead";
    readonly attempt: number;
    readonly error?: string;
  }): void;
  /** A loop of the gateway met a fault it will meet again later, such as a store that is full. */
  faulted(fault: { readonly where: string; readonly error: unknown }): void;
}

export interface TurnFacts {
  readonly turnId: string;
  readonly sessionId: string;
  readonly platform: string;
  readonly attempt: number;
}
