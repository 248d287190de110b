import { setImmediate as nextTurn } from "node:timers/promises";
import { groupByTurn, type Entry } from "../core/transcript.ts";
import type { Turn } from "../core/turn.ts";
import type { AgentEntry } from "../agent/agent.ts";
import type { StoreReader } from "../store/reader.ts";

const PAGE = 200;

/**
 * What the agent is shown of what was said before a turn: the newest `limit` entries, oldest first, each
 * turn's inputs before its outputs.
 *
 * Only what is finished is shown. Answers of other turns are, wherever they stand, because one turn runs
 * at a time. What waits belongs to a later turn. A cancelled message was taken back, and a dead one was
 * answered with the request to send it again: shown once more, either would look like a request that is
 * still open, and a message an agent cannot digest would spoil every turn after it. What was overheard
 * is shown up to the messages of this turn.
 */
export async function loadTranscript(
  reader: Pick<StoreReader, "transcript">,
  turn: Turn,
  limit: number,
): Promise<AgentEntry[]> {
  const before = turn.messages.at(-1)?.seq ?? 0;
  const found: Entry[] = [];
  let cursor: string | null = null;
  if (limit > 0 && (turn.messages[0]?.seq ?? 0) > 1) {
    do {
      const { items, nextCursor } = await reader.transcript(turn.lease.sessionId, {
        newestFirst: true,
        limit: Math.min(PAGE, Math.max(1, limit + turn.messages.length)),
        ...(cursor === null ? {} : { cursor }),
      });
      found.push(...items.filter((entry) => entry.turnId !== turn.lease.turnId && isContext(entry, before)));
      cursor = nextCursor;
      // A store may answer at once, and of a long conversation there may be little to show.
      await nextTurn();
    } while (cursor !== null && found.length < limit);
  }
  const isCut = cursor !== null || found.length > limit;
  const newest = groupByTurn(found.slice(0, limit).toReversed());
  // A cut must not begin with answers whose questions it has left out.
  const start = isCut ? newest.findIndex((entry) => entry.role === "user") : 0;
  return start < 0 ? [] : newest.slice(start).map(toAgentEntry);
}

/** An entry in the agent's terms. */
export function toAgentEntry({ seq, role, text, attachments, sender }: Entry): AgentEntry {
  return { seq, role: role === "user" ? "user" : "assistant", text, attachments, sender };
}

function isContext(entry: Entry, before: number): boolean {
  switch (entry.state) {
    case "said":
      return entry.role === "assistant";
    case "answered":
      return true;
    case "overheard":
      return entry.seq < before;
    case "waiting":
    case "running":
    case "cancelled":
    case "dead":
    case "erased":
      return false;
  }
}
