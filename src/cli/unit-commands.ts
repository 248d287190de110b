import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { installUnitCommand } from "./install-unit-command.ts";
import { uninstallUnitCommand } from "./uninstall-unit-command.ts";
import { unitStatusCommand } from "./unit-status-command.ts";

export function unitCommands(cli: Cli): Command {
  return new Command("service")
    .description("Keeps the gateway running: a systemd unit of this user starts it and starts it again.")
    .addCommand(installUnitCommand(cli))
    .addCommand(uninstallUnitCommand(cli))
    .addCommand(unitStatusCommand(cli));
}
