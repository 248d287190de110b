import type { InboundEvent } from "../core/event.ts";
import type { Inbox, InboxOutcome } from "../inbox/inbox.ts";
import type { MeasuredTelemetry } from "../telemetry/create-telemetry.ts";

/** Takes in events, each that may be content with a span of its own: what answers it goes on from there. */
export function traced(
  receive: Inbox["receive"],
  { accept }: Pick<MeasuredTelemetry, "accept">,
): (event: InboundEvent) => Promise<InboxOutcome> {
  return (event) =>
    event.kind === "signal"
      ? receive(event)
      : accept(
          event.source.platform,
          () => receive(event),
          (outcome) =>
            outcome.outcome === "accepted"
              ? { outcome: outcome.outcome, sessionId: outcome.session.id, seq: outcome.seq }
              : { outcome: outcome.outcome },
        );
}
