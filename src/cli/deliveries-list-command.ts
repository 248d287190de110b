import type { Command } from "commander";
import { DELIVERY_STATES, type Delivery, type DeliveryState } from "../core/delivery.ts";
import type { Page } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { destinationOf } from "./destination.ts";
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
import { deliveryView } from "./turn-view.ts";
import { withReader } from "./with-store.ts";

type ListOptions = PlaceOptions & FilterOptions<DeliveryState>;

export function listDeliveriesCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists deliveries, each a reply or a part of one to one place, the newest first.",
    examples: [
      ["parlor deliveries list", "the newest 50"],
      ["parlor deliveries list --state failed", "those that were given up, and why"],
      ["parlor deliveries list --session ses_0123456789abcdefghjkmnpqrs --json", "those of a session, for a program"],
    ],
  });
  withFilterOptions(command, DELIVERY_STATES);
  return withPlaceOptions(withPageOptions(command)).action(async (options: ListOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    cli.print(answer(await withReader(config, (reader) => reader.deliveries(stateQuery(options))), options));
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
      return nextCursor === null
        ? table
        : `${table}\n\nMore: ${shellWords(nextPage(["deliveries", "list", ...filterWords(options)], options, nextCursor))}`;
    },
  };
}

function whereOf({ destination, error }: Delivery): string {
  return `${destinationOf(destination)}${error === null ? "" : `: ${error}`}`;
}
