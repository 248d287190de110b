import { DONE_BEFORE, ERASED } from "./chat-command.ts";
import type { ChatCommand } from "./chat-command.ts";

export const stopCommand: ChatCommand = {
  name: "stop",
  usage: "/stop",
  summary: "Stops the answer that is being written and drops the messages that wait for one.",
  async run({ source, command }, { cancel }) {
    const result = await cancel({ source }, command);
    switch (result.outcome) {
      case "cancelled":
        return { reply: stopped(result) };
      case "idle":
      case "missing":
        return { reply: "There is nothing to stop." };
      case "duplicate":
        return DONE_BEFORE;
      case "gone":
        return ERASED;
    }
  },
};

function stopped({ answering, waiting }: { readonly answering: number; readonly waiting: number }): string {
  if (answering === 0) return `Dropped ${messages(waiting)} that waited for an answer.`;
  const more = waiting === 0 ? "" : ` Dropped ${messages(waiting)} that waited behind it.`;
  return `Stopped the answer to ${messages(answering)}.${more}`;
}

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}
