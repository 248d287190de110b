import { Command } from "commander";
import { approveCommand } from "./access-approve-command.ts";
import { blockCommand } from "./access-block-command.ts";
import { accessListCommand } from "./access-list-command.ts";
import { revokeCommand } from "./access-revoke-command.ts";
import type { Cli } from "./cli.ts";

export function accessCommand(cli: Cli): Command {
  return new Command("access")
    .description("Says who may speak on chat platforms: at once, also while a gateway runs.")
    .addCommand(accessListCommand(cli))
    .addCommand(approveCommand(cli))
    .addCommand(blockCommand(cli))
    .addCommand(revokeCommand(cli));
}
