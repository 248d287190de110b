import { type Command, Option } from "commander";
import { DELIVERY_STATES, type Delivery, type DeliveryState } from "../core/delivery.ts";
import type { Page } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { destinationOf } from "./destination.ts";
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
import { deliveryView } from "./turn-view.ts";
import { withReader } from "./with-store.ts";

interface ListOptions extends PlaceOptions, PageOptions {
  readonly state?: DeliveryState;
  readonly session?: string;
}

export function listDeliveriesCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists deliveries, each a reply or a part of one to one place, the newest first.",
    examples: [
      ["parlor deliveries list", "the newest 50"],
      ["parlor deliveries list --state failed", "those that were given up, and why"],
      ["parlor deliveries list --session ses_0123456789abcdefghjkmnpqrs --json", "those of a session, for a program"],
    ],
  })
    .addOption(new Option("--state <state>", "only those in this state").choices(DELIVERY_STATES))
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
    cli.print(answer(await withReader(config, (reader) => reader.deliveries(query)), options));
  });
}

function answer({ items, nextCursor }: Page<Delivery>, options: ListOptions): Answer {
  return {
    document: { deliveries: items.map(deliveryView), nextCursor },
    text: (screen) => {
      if (items.length === 0) return "No deliveries.";
      const table = formatTable(
        screen,
        [{ title: "ID" }, { title: "STATE" }, { title: "MADE" }, { title: "TO AND WHY", flexible: true }],
        items.map((delivery) => [delivery.id, delivery.state, localMinute(delivery.createdAt), whereOf(delivery)]),
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
  return nextPage(["deliveries", "list", ...filters], options, cursor);
}

function whereOf({ destination, error }: Delivery): string {
  return `${destinationOf(destination)}${error === null ? "" : `: ${error}`}`;
}
