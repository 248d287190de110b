import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { confirm } from "./confirm.ts";
import { deliveryFault } from "./delivery-fault.ts";
import { destinationOf } from "./destination.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { deliveryView } from "./turn-view.ts";
import { withStore } from "./with-store.ts";

interface DropOptions extends PlaceOptions {
  readonly yes?: true;
}

export function dropDeliveryCommand(cli: Cli): Command {
  const command = leafCommand("drop", {
    description: "Gives up a delivery that is pending, failed or unknown; what stands behind it goes next.",
    examples: [
      ["parlor deliveries drop dlv_0123456789abcdefghjkmnpqrs", "asks first"],
      ["parlor deliveries drop dlv_0123456789abcdefghjkmnpqrs --yes", "does not ask"],
    ],
  })
    .argument("<id>", "the whole id of a delivery")
    .option("--yes", "do not ask; needed where nobody can be asked");
  return withPlaceOptions(command).action(async (id: string, options: DropOptions) => {
    if (options.yes === undefined && !cli.canAsk) {
      command.error("error: there is nobody to ask here whether to drop the delivery; add --yes");
    }
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const question = `Drop ${id}? It is never sent; what was said stays in its session.`;
    if (options.yes === undefined && !(await confirm(plainLine(question), process.stdin, process.stderr))) {
      cli.print({ document: null, text: () => "Nothing was dropped.", exitCode: EXIT.failed });
      return;
    }
    const outcome = await withStore(config, (store) => store.dropDelivery(id));
    if (outcome.outcome !== "dropped") throw deliveryFault(outcome, id, "dropped");
    const { delivery } = outcome;
    cli.print({
      document: { delivery: deliveryView(delivery) },
      text: () => plainLine(`${id} to ${destinationOf(delivery.destination)} is dropped.`),
    });
  });
}
