import type { Session } from "../core/session.ts";
import type { ChatCommand, CommandPorts } from "./chat-command.ts";

/** How far back it looks at once for messages that are not answered yet. */
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
    return { reply: `Session ${session.id}, ${extent(session)}.${title} ${await activity(store, session.id)}` };
  },
};

function extent({ lastSeq, startedAt }: Session): string {
  const entries = lastSeq === 1 ? "1 entry" : `${lastSeq} entries`;
  if (startedAt === null) return entries;
  const since = new Date(startedAt).toISOString().slice(0, 16).replace("T", " ");
  return `${entries} since ${since} UTC`;
}

/** What is not answered yet is among what was said last. */
async function activity({ reader }: CommandPorts["store"], sessionId: string): Promise<string> {
  let [running, waiting] = [0, 0];
  let cursor: string | null = null;
  do {
    const from = cursor === null ? {} : { cursor };
    const { items, nextCursor } = await reader.transcript(sessionId, { newestFirst: true, limit: LOOK_BACK, ...from });
    const before = running + waiting;
    running += items.filter(({ state }) => state === "running").length;
    waiting += items.filter(({ state }) => state === "waiting").length;
    cursor = running + waiting > before ? nextCursor : null;
  } while (cursor !== null);
  return running + waiting === 0 ? "Nothing is waiting." : `Being answered: ${running}. Waiting: ${waiting}.`;
}
