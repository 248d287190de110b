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
        return {
          reply: `Stopped. ${result.messages === 1 ? "1 message" : `${result.messages} messages`} will not be answered.`,
        };
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
