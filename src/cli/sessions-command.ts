import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { deleteCommand } from "./delete-command.ts";
import { listCommand } from "./list-command.ts";
import { resetCommand } from "./reset-command.ts";
import { searchCommand } from "./search-command.ts";
import { showCommand } from "./show-command.ts";
import { statsCommand } from "./stats-command.ts";
import { tailCommand } from "./tail-command.ts";
import { titleCommand } from "./title-command.ts";

export function sessionsCommand(cli: Cli): Command {
  return new Command("sessions")
    .description("Looks at stored sessions, and changes them.")
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(tailCommand(cli))
    .addCommand(searchCommand(cli))
    .addCommand(titleCommand(cli))
    .addCommand(resetCommand(cli))
    .addCommand(deleteCommand(cli))
    .addCommand(statsCommand(cli));
}
