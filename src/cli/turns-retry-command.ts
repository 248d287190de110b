import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { count } from "./quantity.ts";
import { turnFault } from "./turn-fault.ts";
import { withStore } from "./with-store.ts";

export function retryTurnCommand(cli: Cli): Command {
  const command = leafCommand("retry", {
    description: "Has the messages of a dead turn answered after all, by a new turn.",
    examples: [["parlor turns retry trn_0123456789abcdefghjkmnpqrs", "once, however often it is said"]],
  }).argument("<id>", "the whole id of a turn");
  return withPlaceOptions(command).action(async (id: string, options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const outcome = await withStore(config, (store) => store.retryTurn(id));
    switch (outcome.outcome) {
      case "retried": {
        const { turnId, messages } = outcome;
        return cli.print({
          document: { retried: true, turn: id, by: turnId, messages },
          text: () => `${turnId} answers ${count(messages, "message")} of ${id} next.`,
        });
      }
      case "duplicate": {
        const { turnId } = outcome;
        return cli.print({
          document: { retried: false, turn: id, by: turnId, messages: 0 },
          text: () => `${id} was retried before, by ${turnId ?? "a command"}.`,
        });
      }
      default:
        throw turnFault(outcome, id);
    }
  });
}
