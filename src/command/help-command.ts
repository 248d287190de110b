import type { ChatCommand } from "./chat-command.ts";

/** Lists the commands it is made with, and itself. */
export function createHelpCommand(commands: readonly ChatCommand[]): ChatCommand {
  const help: ChatCommand = {
    name: "help",
    usage: "/help",
    summary: "Lists the commands.",
    run: () => Promise.resolve({ reply: lines.join("\n") }),
  };
  const lines = [...commands, help].map(({ usage, summary }) => `${usage} - ${summary}`);
  return help;
}
