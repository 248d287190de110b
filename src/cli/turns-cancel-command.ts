import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { count } from "./quantity.ts";
import { turnFault } from "./turn-fault.ts";
import { withStore } from "./with-store.ts";

export function cancelTurnCommand(cli: Cli): Command {
  const command = leafCommand("cancel", {
    description: "Stops a turn that runs or is between attempts, and what waits behind it in its session.",
    examples: [["parlor turns cancel trn_0123456789abcdefghjkmnpqrs", "nobody is told; the session goes on"]],
  }).argument("<id>", "the whole id of a turn");
  return withPlaceOptions(command).action(async (id: string, options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { outcome, turn } = await withStore(config, async (store) => {
      const cancelled = await store.cancelTurn({ turnId: id });
      return { outcome: cancelled, turn: await store.reader.turn(id) };
    });
    if (outcome.outcome === "cancelled") {
      const { messages } = outcome;
      return cli.print({
        document: { cancelled: true, turn: id, messages },
        text: () => `${id} is cancelled; ${count(messages, "message")} will not be answered.`,
      });
    }
    if (turn === null) throw turnFault({ outcome: "missing" }, id);
    const { state } = turn;
    cli.print({
      document: { cancelled: false, turn: id, messages: 0 },
      text: () => `${id} was over already: it is ${state}.`,
    });
  });
}
