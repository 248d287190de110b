import type { Command } from "commander";
import type { Delivery } from "../core/delivery.ts";
import type { TurnDetail } from "../store/repair-store.ts";
import type { Answer, Screen } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { destinationOf } from "./destination.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { localMinute } from "./quantity.ts";
import { formatFacts } from "./table.ts";
import { formatTranscript } from "./transcript-text.ts";
import { turnFault } from "./turn-fault.ts";
import { turnDetailView } from "./turn-view.ts";
import { withReader } from "./with-store.ts";

export function showTurnCommand(cli: Cli): Command {
  const command = leafCommand("show", {
    description: "Shows a turn: what it was to answer, what it said, what was sent of it, and why it failed.",
    examples: [["parlor turns show trn_0123456789abcdefghjkmnpqrs", "everything about it"]],
  }).argument("<id>", "the whole id of a turn");
  return withPlaceOptions(command).action(async (id: string, options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const turn = await withReader(config, (reader) => reader.turn(id));
    if (turn === null) throw turnFault({ outcome: "missing" }, id);
    cli.print(answer(turn));
  });
}

function answer(turn: TurnDetail): Answer {
  return {
    document: turnDetailView(turn),
    text: (screen) =>
      [
        formatFacts(screen, factsOf(turn)),
        formatTranscript(screen, [...turn.messages, ...turn.entries]),
        ...(turn.deliveries.length === 0
          ? []
          : [turn.deliveries.map((delivery) => formatDelivery(screen, delivery)).join("\n")]),
      ].join("\n\n"),
  };
}

function factsOf(turn: TurnDetail): readonly (readonly [name: string, value: string])[] {
  const { id, sessionId, state, attempt, reason, node, startedAt, endedAt, retryOf, retriedBy, usage } = turn;
  return [
    ["Turn", id],
    ["Session", sessionId],
    ["State", node === null ? state : `${state}, on ${node}`],
    ["Tries", String(attempt)],
    ["Begun", localMinute(startedAt)],
    ["Ended", endedAt === null ? "not yet" : localMinute(endedAt)],
    ...(reason === null ? [] : [["Why", reason] as const]),
    ...(retryOf === null ? [] : [["Retries", retryOf] as const]),
    ...(retriedBy === null ? [] : [["Retried by", retriedBy] as const]),
    ...(usage === null ? [] : [["Tokens", `${usage.inputTokens} in, ${usage.outputTokens} out`] as const]),
  ];
}

function formatDelivery(screen: Screen, { id, state, seq, destination, error }: Delivery): string {
  const of = seq === null ? "" : ` of ${seq}`;
  const why = error === null ? "" : `: ${error}`;
  return `${screen.style("bold", id)}  ${plainLine(`${state}${of}, to ${destinationOf(destination)}${why}`)}`;
}
