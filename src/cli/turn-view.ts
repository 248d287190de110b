/** Turns and deliveries as `--json` prints them. */
import type { Delivery } from "../core/delivery.ts";
import { entryView } from "../http/entry-view.ts";
import type { TurnDetail, TurnSummary } from "../store/repair-store.ts";

export function turnView(turn: TurnSummary): Readonly<Record<string, unknown>> {
  const { id, sessionId, state, attempt, reason, node, startedAt, endedAt, retryOf, retriedBy } = turn;
  return { id, session: sessionId, state, attempt, reason, node, startedAt, endedAt, retryOf, retriedBy };
}

export function turnDetailView(turn: TurnDetail): Readonly<Record<string, unknown>> {
  const { messages, entries, usage, deliveries } = turn;
  return {
    turn: turnView(turn),
    messages: messages.map(entryView),
    entries: entries.map(entryView),
    usage,
    deliveries: deliveries.map(deliveryView),
  };
}

export function deliveryView(delivery: Delivery): Readonly<Record<string, unknown>> {
  const { sessionId, turnId, pardoned: _, ...fields } = delivery;
  return { ...fields, session: sessionId, turn: turnId };
}
