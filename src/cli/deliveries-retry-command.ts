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

interface RetryOptions extends PlaceOptions {
  readonly yes?: true;
}

export function retryDeliveryCommand(cli: Cli): Command {
  const command = leafCommand("retry", {
    description: "Sends a failed delivery again, or one of which nobody knows whether it has arrived.",
    examples: [
      ["parlor deliveries retry dlv_0123456789abcdefghjkmnpqrs", "asks first where it may have arrived"],
      ["parlor deliveries retry dlv_0123456789abcdefghjkmnpqrs --yes", "does not ask"],
    ],
  })
    .argument("<id>", "the whole id of a delivery")
    .option("--yes", "do not ask: it may arrive twice");
  return withPlaceOptions(command).action(async (id: string, options: RetryOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const retry = (mayArriveTwice: boolean) =>
      withStore(config, (store) => store.retryDelivery(id, { mayArriveTwice }));
    let outcome = await retry(options.yes === true);
    if (outcome.outcome === "ambiguous" && cli.canAsk) {
      const question = `It is not known whether ${id} has arrived. Send it again though it may arrive twice?`;
      if (!(await confirm(plainLine(question), process.stdin, process.stderr))) {
        cli.print({ document: null, text: () => "Nothing is sent.", exitCode: EXIT.failed });
        return;
      }
      outcome = await retry(true);
    }
    if (outcome.outcome !== "retried") throw deliveryFault(outcome, id, "retried");
    const { delivery } = outcome;
    cli.print({
      document: { delivery: deliveryView(delivery) },
      text: () => plainLine(`${id} is sent again next to ${destinationOf(delivery.destination)}.`),
    });
  });
}
