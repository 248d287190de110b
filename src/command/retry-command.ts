import { DONE_BEFORE, type ChatCommand } from "./chat-command.ts";

const NOTHING = { reply: "There is nothing to try again." };

export const retryCommand: ChatCommand = {
  name: "retry",
  usage: "/retry",
  summary: "Answers the last message that was given up, or left because it had waited too long.",
  async run({ source, command }, { retry }) {
    const result = await retry({ source }, command);
    switch (result.outcome) {
      case "retried":
        return {
          reply: `I will answer your ${result.messages === 1 ? "message" : `${result.messages} messages`} now after all.`,
        };
      case "duplicate":
        return DONE_BEFORE;
      case "busy":
        return { reply: "I am answering something else just now. Please send /retry again after that." };
      case "unfit":
      case "ended":
      case "missing":
        return NOTHING;
    }
  },
};
