import { DONE_BEFORE, ERASED } from "./chat-command.ts";
import type { ChatCommand } from "./chat-command.ts";

const MAX_TITLE_LENGTH = 200;

export const titleCommand: ChatCommand = {
  name: "title",
  usage: "/title TEXT",
  summary: "Names this conversation; without TEXT, tells its name.",
  async run({ source, command, argument }, { store }) {
    if (argument === "") {
      const { title } = await store.getOrCreate(source);
      return {
        reply:
          title === null ? "This conversation has no title. Set one with /title TEXT." : `The title is "${title}".`,
      };
    }
    const title = argument.replaceAll(/\s+/gu, " ");
    if (title.length > MAX_TITLE_LENGTH) {
      return {
        reply: `A title may have ${MAX_TITLE_LENGTH} characters; this one has ${title.length}. Nothing was changed.`,
      };
    }
    const result = await store.update({ source }, { title }, command);
    switch (result.outcome) {
      case "updated":
        return { reply: `The title is "${title}".` };
      case "noted":
        return { reply: `The title will be "${title}" when you send your first message.` };
      case "duplicate":
        return DONE_BEFORE;
      case "gone":
      case "missing":
        return ERASED;
    }
  },
};
