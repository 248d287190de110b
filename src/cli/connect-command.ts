import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { connectTelegramCommand } from "./connect-telegram-command.ts";

export function connectCommand(cli: Cli): Command {
  return new Command("connect")
    .description("Tries the way to a chat platform before a gateway takes it.")
    .addCommand(connectTelegramCommand(cli));
}
