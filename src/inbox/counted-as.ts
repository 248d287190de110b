import type { InboundOutcome } from "../telemetry/telemetry.ts";
import type { InboxOutcome } from "./inbox.ts";

export interface Counted {
  readonly outcome: InboundOutcome;
  readonly facts: { readonly detail?: string; readonly sessionId?: string; readonly seq?: number };
}

/**
 * Where an outcome is counted: each in one place, so that the six add up to the events received. An id
 * that came with another body is a rejection; a message erased since, and a command that had been
 * carried out, are duplicates.
 */
export function countedAs(outcome: InboxOutcome): Counted {
  switch (outcome.outcome) {
    case "signal":
      return { outcome: "signal", facts: { detail: outcome.name } };
    case "rejected":
      return { outcome: "rejected", facts: { detail: outcome.reason } };
    case "command":
      return { outcome: outcome.duplicate ? "duplicate" : "command", facts: { detail: outcome.name } };
    case "accepted":
      return { outcome: "accepted", facts: { sessionId: outcome.session.id, seq: outcome.seq } };
    case "duplicate":
      return { outcome: "duplicate", facts: { sessionId: outcome.sessionId, seq: outcome.seq } };
    case "conflict":
      return { outcome: "rejected", facts: { detail: "conflict" } };
    case "gone":
      return { outcome: "duplicate", facts: { detail: "gone" } };
  }
}
