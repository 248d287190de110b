import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { dropDeliveryCommand } from "./deliveries-drop-command.ts";
import { listDeliveriesCommand } from "./deliveries-list-command.ts";
import { retryDeliveryCommand } from "./deliveries-retry-command.ts";

export function deliveriesCommand(cli: Cli): Command {
  return new Command("deliveries")
    .description("Looks at replies on their way, and takes them in hand, also while a gateway runs.")
    .addCommand(listDeliveriesCommand(cli))
    .addCommand(retryDeliveryCommand(cli))
    .addCommand(dropDeliveryCommand(cli));
}
