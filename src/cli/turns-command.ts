import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { cancelTurnCommand } from "./turns-cancel-command.ts";
import { listTurnsCommand } from "./turns-list-command.ts";
import { retryTurnCommand } from "./turns-retry-command.ts";
import { showTurnCommand } from "./turns-show-command.ts";

export function turnsCommand(cli: Cli): Command {
  return new Command("turns")
    .description("Looks at turns, the runs of the agent, and takes them in hand, also while a gateway runs.")
    .addCommand(listTurnsCommand(cli))
    .addCommand(showTurnCommand(cli))
    .addCommand(retryTurnCommand(cli))
    .addCommand(cancelTurnCommand(cli));
}
