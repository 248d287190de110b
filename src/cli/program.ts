import { Command } from "commander";
import { VERSION } from "../gateway/version.ts";
import { accessCommand } from "./access-command.ts";
import { backupCommand } from "./backup-command.ts";
import type { Cli } from "./cli.ts";
import { chatCommand } from "./chat-command.ts";
import { configCommand } from "./config-command.ts";
import { connectCommand } from "./connect-command.ts";
import { deliveriesCommand } from "./deliveries-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { EXIT_MEANINGS } from "./exit-code.ts";
import { type Example, examplesText } from "./leaf-command.ts";
import { openCommand } from "./open-command.ts";
import { restoreCommand } from "./restore-command.ts";
import { sessionsCommand } from "./sessions-command.ts";
import { startCommand } from "./start-command.ts";
import { statusCommand } from "./status-command.ts";
import { turnsCommand } from "./turns-command.ts";
import { unitCommands } from "./unit-commands.ts";
import { versionCommand } from "./version-command.ts";

/** The `parlor` command with everything it can be told. */
export function createProgram(cli: Cli): Command {
  return new Command("parlor")
    .description("Puts an AI agent behind chat platforms and keeps its sessions clean.")
    .version(VERSION, "-V, --version", "print the version")
    .addCommand(startCommand(cli))
    .addCommand(statusCommand(cli))
    .addCommand(openCommand(cli))
    .addCommand(chatCommand(cli))
    .addCommand(connectCommand(cli))
    .addCommand(accessCommand(cli))
    .addCommand(sessionsCommand(cli))
    .addCommand(turnsCommand(cli))
    .addCommand(deliveriesCommand(cli))
    .addCommand(doctorCommand(cli))
    .addCommand(backupCommand(cli))
    .addCommand(restoreCommand(cli))
    .addCommand(unitCommands(cli))
    .addCommand(configCommand(cli))
    .addCommand(versionCommand(cli))
    .addHelpText("after", `${examplesText(EXAMPLES)}\n\nExit codes:\n${exitCodes()}`);
}

/** A command and everything below it, each with the words it is called by. */
export function commandsOf(command: Command, parents: readonly string[] = []): readonly NamedCommand[] {
  const path = [...parents, command.name()];
  return [{ path, command }, ...command.commands.flatMap((child) => commandsOf(child, path))];
}

export interface NamedCommand {
  readonly path: readonly string[];
  readonly command: Command;
}

const EXAMPLES: readonly Example[] = [
  ["parlor start", "answer on http://127.0.0.1:8787"],
  ["parlor sessions list --live", "what goes on"],
  ["parlor doctor", "whether the store is sound"],
];

function exitCodes(): string {
  return Object.entries(EXIT_MEANINGS)
    .map(([code, meaning]) => `  ${code.padEnd(3)}  ${meaning}`)
    .join("\n");
}
