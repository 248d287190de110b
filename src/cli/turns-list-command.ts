import type { Command } from "commander";
import { TURN_STATES, type TurnState } from "../core/turn.ts";
import type { Page } from "../store/reader.ts";
import type { TurnSummary } from "../store/repair-store.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import {
  type PlaceOptions,
  leafCommand,
  nextPage,
  overridesOf,
  withPageOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { localMinute } from "./quantity.ts";
import { shellWords } from "./shell-words.ts";
import { type FilterOptions, filterWords, stateQuery, withFilterOptions } from "./state-filter.ts";
import { formatTable } from "./table.ts";
import { turnView } from "./turn-view.ts";
import { withReader } from "./with-store.ts";

type ListOptions = PlaceOptions & FilterOptions<TurnState>;

export function listTurnsCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists turns, the most recently begun first.",
    examples: [
      ["parlor turns list", "the newest 50"],
      ["parlor turns list --state dead", "those that were given up, and why"],
      ["parlor turns list --session ses_0123456789abcdefghjkmnpqrs --json", "those of a session, for a program"],
    ],
  });
  withFilterOptions(command, TURN_STATES);
  return withPlaceOptions(withPageOptions(command)).action(async (options: ListOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    cli.print(answer(await withReader(config, (reader) => reader.turns(stateQuery(options))), options));
  });
}

function answer({ items, nextCursor }: Page<TurnSummary>, options: ListOptions): Answer {
  return {
    document: { turns: items.map(turnView), nextCursor },
    text: (screen) => {
      if (items.length === 0) return "No turns.";
      const table = formatTable(
        screen,
        [{ title: "ID" }, { title: "STATE" }, { title: "TRIES" }, { title: "BEGUN" }, { title: "WHY", flexible: true }],
        items.map((turn) => [turn.id, turn.state, String(turn.attempt), localMinute(turn.startedAt), whyOf(turn)]),
      );
      return nextCursor === null
        ? table
        : `${table}\n\nMore: ${shellWords(nextPage(["turns", "list", ...filterWords(options)], options, nextCursor))}`;
    },
  };
}

function whyOf({ reason, retriedBy }: TurnSummary): string {
  return [...(retriedBy === null ? [] : ["(retried)"]), ...(reason === null ? [] : [reason])].join(" ");
}
