import type { Source } from "../core/source.ts";
import type { ChatCommand, CommandPorts } from "./chat-command.ts";
import { createHelpCommand } from "./help-command.ts";
import { newCommand } from "./new-command.ts";
import { parseCommand } from "./parse-command.ts";
import { retryCommand } from "./retry-command.ts";
import { statusCommand } from "./status-command.ts";
import { stopCommand } from "./stop-command.ts";
import { titleCommand } from "./title-command.ts";

const ACTING = [newCommand, titleCommand, statusCommand, stopCommand, retryCommand];

/** Everything that can be typed in chat, in the order `/help` lists it. */
export const CHAT_COMMANDS: readonly ChatCommand[] = [...ACTING, createHelpCommand(ACTING)];

const BY_NAME: ReadonlyMap<string, ChatCommand> = new Map(CHAT_COMMANDS.map((command) => [command.name, command]));

/** A message that may hold a command. */
export interface Typed {
  readonly source: Source;
  readonly eventId: string | null;
  readonly text: string;
}

export type CommandAnswer =
  | {
      readonly outcome: "command";
      readonly name: string;
      readonly reply: string;
      /** Whether it had been carried out before; nothing was done again. */
      readonly duplicate: boolean;
    }
  /** There is no such command; nothing was done. */
  | { readonly outcome: "unknown"; readonly name: string; readonly reply: string };

export interface Commands {
  /** Carries out a command; null when the text is not one. Throws what the store throws. */
  run(typed: Typed): Promise<CommandAnswer | null>;
}

export function createCommands(ports: CommandPorts): Commands {
  return {
    async run({ source, eventId, text }) {
      const typed = parseCommand(text);
      if (typed === null) return null;
      const { name, argument } = typed;
      const command = BY_NAME.get(name);
      if (command === undefined) {
        return { outcome: "unknown", name, reply: `Unknown command /${name}. Try /help.` };
      }
      const result = await command.run({ source, argument, command: { source, eventId } }, ports);
      return { outcome: "command", name, reply: result.reply, duplicate: result.duplicate ?? false };
    },
  };
}
