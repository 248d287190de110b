/** What can be tried out beside the numbers, each with a sentence about what it did to them. */
import { newId } from "../api/new-id.ts";
import { getStats, say, sendSignal } from "../api/session-calls.ts";
import type { Stats } from "../api/views.ts";
import type { Said } from "../chat/last-said.ts";
import { OPERATOR } from "../route/target.ts";

export type Simulation = "ping" | "join" | "redelivery" | "burst";

const BURST = 20;

/** Carries it out; the numbers after it, and what happened. `lastSaid` is what a redelivery delivers again. */
export async function simulate(
  simulation: Simulation,
  lastSaid: Said | null,
): Promise<{ readonly stats: Stats; readonly sentence: string }> {
  const before = await getStats();
  const what = await carryOut(simulation, lastSaid);
  const stats = await getStats();
  return {
    stats,
    sentence: `${what} ${change("rows", stats.sessions - before.sessions)}, ${change(
      "avoided",
      stats.emptySessionsAvoided - before.emptySessionsAvoided,
    )}.`,
  };
}

async function carryOut(simulation: Simulation, lastSaid: Said | null): Promise<string> {
  switch (simulation) {
    case "ping":
      await sendSignal(newChat(), "ping");
      return "A ping from a chat nobody knew:";
    case "join":
      await sendSignal(newChat(), "join");
      return "Someone joined a chat and said nothing:";
    case "redelivery": {
      if (lastSaid === null) return "Nothing was said yet:";
      const answer = await say(lastSaid, lastSaid.id, lastSaid.text);
      const isDuplicate = "duplicate" in answer && answer.duplicate;
      return isDuplicate ? "Your last message came again and started nothing:" : "Your last message was sent:";
    }
    case "burst":
      await Promise.all(Array.from({ length: BURST }, () => sendSignal(newChat(), "ping")));
      return `${BURST} pings at once from ${BURST} new chats:`;
  }
}

function newChat(): { readonly chat: string; readonly from: string } {
  return { chat: `simulated-${newId()}`, from: OPERATOR };
}

function change(name: string, by: number): string {
  return by === 0 ? `${name} unchanged` : `${name} ${by > 0 ? "+" : "−"}${Math.abs(by)}`;
}
