import { Gauge, Registry } from "prom-client";
import type { Backlog } from "../store/reader.ts";

/** What there is to do, as it is in the store at this moment: of all nodes, and made anew for each reading. */
export function backlogMetrics(backlog: Backlog, now: number): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name, help, registers: [registry] }).set(value);
  const seconds = (since: number | null): number => (since === null ? 0 : Math.max(0, now - since) / 1000);

  gauge("parlor_messages_waiting", "Messages that wait for a turn.", backlog.waiting);
  gauge("parlor_sessions_busy", "Sessions in which something waits or runs.", backlog.sessions);
  gauge("parlor_oldest_message_age_seconds", "How old the oldest waiting message is.", seconds(backlog.oldestAt));
  gauge("parlor_turns_dead", "Turns that were given up and not retried by hand.", backlog.deadTurns);
  gauge("parlor_deliveries_waiting", "Replies that are not settled.", backlog.deliveries);
  gauge(
    "parlor_oldest_delivery_age_seconds",
    "How old the oldest reply is that is not settled.",
    seconds(backlog.oldestDeliveryAt),
  );
  gauge("parlor_deliveries_dead", "Replies that failed, or may not have arrived.", backlog.deadDeliveries);
  gauge("parlor_hook_events_waiting", "Lifecycle events that wait for a hook.", backlog.events);
  return registry;
}
