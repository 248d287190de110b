import { type Command, Option } from "commander";
import { TURN_STATES, type TurnState } from "../core/turn.ts";
import type { Page } from "../store/reader.ts";
import type { TurnSummary } from "../store/repair-store.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import {
  type PageOptions,
  type PlaceOptions,
  leafCommand,
  nextPage,
  overridesOf,
  withPageOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { localMinute } from "./quantity.ts";
import { shellWords } from "./shell-words.ts";
import { formatTable } from "./table.ts";
import { turnView } from "./turn-view.ts";
import { withReader } from "./with-store.ts";

interface ListOptions extends PlaceOptions, PageOptions {
  readonly state?: TurnState;
  readonly session?: string;
}

export function listTurnsCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists turns, the most recently begun first.",
    examples: [
      ["parlor turns list", "the newest 50"],
      ["parlor turns list --state dead", "those that were given up, and why"],
      ["parlor turns list --session ses_0123456789abcdefghjkmnpqrs --json", "those of a session, for a program"],
    ],
  })
    .addOption(new Option("--state <state>", "only those in this state").choices(TURN_STATES))
    .option("--session <id>", "only those of this session, by its whole id");
  return withPlaceOptions(withPageOptions(command)).action(async (options: ListOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { limit, cursor, state, session } = options;
    const query = {
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(state === undefined ? {} : { state }),
      ...(session === undefined ? {} : { sessionId: session }),
    };
    cli.print(answer(await withReader(config, (reader) => reader.turns(query)), options));
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
      return nextCursor === null ? table : `${table}\n\nMore: ${shellWords(nextLine(options, nextCursor))}`;
    },
  };
}

function nextLine(options: ListOptions, cursor: string): readonly string[] {
  const { state, session } = options;
  const filters = [
    ...(state === undefined ? [] : ["--state", state]),
    ...(session === undefined ? [] : ["--session", session]),
  ];
  return nextPage(["turns", "list", ...filters], options, cursor);
}

function whyOf({ reason, retriedBy }: TurnSummary): string {
  return [...(retriedBy === null ? [] : ["(retried)"]), ...(reason === null ? [] : [reason])].join(" ");
}
