import type { Drained } from "../telemetry/telemetry.ts";
import { count } from "./quantity.ts";

/** What a person reads of a gateway that has stopped, in a line, or two where a reply may have arrived. */
export function stopLines({ finishedTurns, leftTurns, doubtfulDeliveries, waiting }: Drained): readonly string[] {
  const left = [
    ...counted(leftTurns.length, "turn"),
    ...counted(waiting?.messages ?? 0, "message"),
    ...counted(waiting?.deliveries ?? 0, "reply", "replies"),
    ...counted(waiting?.events ?? 0, "event for hooks", "events for hooks"),
  ];
  const rest =
    left.length > 0
      ? `${left.join(", ")} left for the next start`
      : doubtfulDeliveries.length > 0
        ? "nothing else is left"
        : "nothing is left";
  return [
    `Stopped: ${count(finishedTurns, "turn")} finished, ${rest}.`,
    ...(doubtfulDeliveries.length === 0
      ? []
      : [`Whether it has arrived is not known of ${doubtfulDeliveries.join(", ")}; see parlor deliveries list.`]),
  ];
}

function counted(number: number, ...words: readonly [one: string, several?: string]): readonly string[] {
  return number === 0 ? [] : [count(number, ...words)];
}
