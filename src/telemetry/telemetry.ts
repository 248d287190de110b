/**
 * One function per business event. Each counts, and writes one structured log line with ids and
 * without content. Those that run something put a span around it, for whoever has set up OpenTelemetry.
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
  /** `command`: whoever reset it said so; the life of a session that ends by itself is logged with the one after it. */
  sessionEnded(session: { readonly sessionId: string; readonly reason: "command" }): void;
  sessionErased(session: { readonly sessionId: string }): void;
  /** What was to be answered is not any more, because somebody said so. */
  cancelled(facts: { readonly turnId: string | null; readonly answering: number; readonly waiting: number }): void;
  /** A dead turn is run again, as this one, because somebody said so. */
  turnRetried(turn: { readonly turnId: string }): void;
  /** `seqs`: the numbers of its messages in the session. Every attempt that starts ends. */
  turnStarted(
    turn: TurnFacts & {
      /** The model that its agent asks; null when that is not known. */
      readonly model: string | null;
      readonly waitedMs: number;
      readonly seqs: readonly number[];
    },
  ): void;
  /** Runs what belongs to an attempt that has started: what is traced meanwhile is traced as a part of it. */
  withinTurn<T>(turn: TurnFacts, run: () => Promise<T>): Promise<T>;
  turnEnded(
    turn: TurnFacts & {
      readonly outcome: "done" | "retrying" | "dead" | "cancelled" | "interrupted" | "lost";
      readonly ranMs: number;
      readonly reason?: string;
      /** What kind of fault ended it, in a word. */
      readonly fault?: string;
    },
  ): void;
  firstToken(turn: TurnFacts & { readonly afterMs: number }): void;
  /** A call of a tool has begun or is over. */
  toolCalled(
    turn: TurnFacts & {
      readonly index: number;
      readonly name: string;
      readonly state: "started" | "finished" | "failed";
    },
  ): void;
  /** An agent has reported tokens, whatever comes of its attempt. */
  tokensUsed(
    turn: TurnFacts & { readonly model: string; readonly inputTokens: number; readonly outputTokens: number },
  ): void;
  questionAsked(question: TurnRefFacts & { readonly questionId: string; readonly choices: number }): void;
  questionEnded(
    question: TurnRefFacts & {
      readonly questionId: string;
      readonly outcome: "answered" | "expired" | "withdrawn";
    },
  ): void;
  /** Runs one attempt to deliver a reply, which `deliverySettled` tells the end of. */
  withinDelivery<T>(delivery: DeliveryFacts, run: () => Promise<T>): Promise<T>;
  deliverySettled(
    delivery: DeliveryFacts & {
      /** `lost`: another attempt has begun since, and this one no longer counts. */
      readonly state: "sent" | "pending" | "failed" | "unknown" | "lost";
      /** How long ago it was made. */
      readonly ageMs: number;
      readonly error?: string;
    },
  ): void;
  /** Something only one process may do was taken over by another one. */
  leaseLost(lease: { readonly name: string }): void;
  hookSettled(hook: {
    readonly eventId: number;
    readonly type: string;
    readonly outcome: "done" | "retrying" | "dead";
    readonly attempt: number;
    readonly error?: string;
  }): void;
  /** The gateway listens. */
  started(gateway: { readonly node: string; readonly agents: readonly string[] }): void;
  /** The gateway has stopped; what it left is for the next start. */
  stopped(drained: Drained): void;
  /** A loop of the gateway met a fault it will meet again later, such as a store that is full. */
  faulted(fault: { readonly where: string; readonly error: unknown }): void;
}

/** What a gateway has ended while it stopped, and what it has left. */
export interface Drained {
  /** Turns that came to an end of their own. */
  readonly finishedTurns: number;
  /** The ids of turns that were handed back, or whose lease is left to run out: the next start takes them up. */
  readonly leftTurns: readonly string[];
  /** The ids of deliveries that were on their way and that nobody knows the end of. */
  readonly doubtfulDeliveries: readonly string[];
  /** What waits in the store, of other gateways too; null when it could not be read. */
  readonly waiting: { readonly messages: number; readonly deliveries: number; readonly events: number } | null;
}

export interface TurnRefFacts {
  readonly turnId: string;
  readonly sessionId: string;
}

export interface TurnFacts extends TurnRefFacts {
  readonly platform: string;
  readonly attempt: number;
  /** The name of who answers. */
  readonly agent: string;
}

export interface DeliveryFacts {
  readonly deliveryId: string;
  readonly sessionId: string | null;
  readonly turnId: string | null;
  readonly platform: string;
  readonly attempt: number;
}
