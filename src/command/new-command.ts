import { DONE_BEFORE, ERASED } from "./chat-command.ts";
import type { ChatCommand } from "./chat-command.ts";

export const newCommand: ChatCommand = {
  name: "new",
  usage: "/new",
  summary: "Ends this conversation; your next message starts a new one.",
  async run({ source, command, argument }, { store }) {
    if (argument !== "") return { reply: "Send /new by itself, and your message after it. Nothing was done." };
    const result = await store.reset({ source }, command);
    switch (result.outcome) {
      case "reset":
        return { reply: `Your next message starts a new conversation.${unanswered(result.cancelled)}` };
      case "unchanged":
        return { reply: "This is a new conversation already." };
      case "duplicate":
        return DONE_BEFORE;
      case "gone":
      case "missing":
        return ERASED;
    }
  },
};

function unanswered(count: number): string {
  if (count === 0) return "";
  return count === 1 ? " One message will not be answered." : ` ${count} messages will not be answered.`;
}
