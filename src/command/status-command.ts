import type { Session } from "../core/session.ts";
import type { Entry } from "../core/transcript.ts";
import type { ChatCommand } from "./chat-command.ts";

/** How far back it looks for messages that are not answered yet. */
const LOOK_BACK = 200;

export const statusCommand: ChatCommand = {
  name: "status",
  usage: "/status",
  summary: "Tells which conversation this is, and what it is doing.",
  async run({ source }, { store }) {
    const session = await store.getOrCreate(source);
    const title = session.title === null ? "" : ` Title: "${session.title}".`;
    if (!session.persisted) {
      return {
        reply: `A new conversation: nothing is stored yet. Your next message opens session ${session.id}.${title}`,
      };
    }
    const { items } = await store.reader.transcript(session.id, { newestFirst: true, limit: LOOK_BACK });
    return { reply: `Session ${session.id}, ${extent(session)}.${title} ${activity(items)}` };
  },
};

function extent({ lastSeq, startedAt }: Session): string {
  const entries = lastSeq === 1 ? "1 entry" : `${lastSeq} entries`;
  if (startedAt === null) return entries;
  const since = new Date(startedAt).toISOString().slice(0, 16).replace("T", " ");
  return `${entries} since ${since} UTC`;
}

function activity(entries: readonly Entry[]): string {
  const running = entries.filter(({ state }) => state === "running").length;
  const waiting = entries.filter(({ state }) => state === "waiting").length;
  if (running + waiting === 0) return "Nothing is waiting.";
  return `Being answered: ${running}. Waiting: ${waiting}.`;
}
