import { setImmediate as nextTurn } from "node:timers/promises";
import { groupByTurn, type Entry } from "../core/transcript.ts";
import type { Turn } from "../core/turn.ts";
import type { AgentEntry } from "../agent/agent.ts";
import type { StoreReader } from "../store/reader.ts";

const PAGE = 200;

export interface ShownTranscript {
  /** Oldest first. */
  readonly entries: readonly AgentEntry[];
  /** Whether more was said after `afterSeq` than is shown. */
  readonly isCut: boolean;
}

/**
 * What the agent is shown of what was said before a turn, and after the entry `afterSeq`: the newest `limit`
 * entries, oldest first, each turn's inputs before its outputs.
 *
 * Only what is finished is shown. Answers of other turns are, wherever they stand, because one turn runs
 * at a time. What waits belongs to a later turn. A cancelled message was taken back, and a dead one was
 * answered with the request to send it again: shown once more, either would look like a request that is
 * still open, and a message an agent cannot digest would spoil every turn after it. What was overheard
 * is shown up to the messages of this turn. What an interrupted answer had said is shown if what it was said
 * to is. What a turn that was retried by hand has answered long after it was asked stands before that answer.
 */
export async function loadTranscript(
  reader: Pick<StoreReader, "transcript" | "turn">,
  turn: Turn,
  limit: number,
  afterSeq: number = 0,
): Promise<ShownTranscript> {
  const before = turn.messages.at(-1)?.seq ?? 0;
  const isElsewhere = ownSeqs(turn);
  const found: Entry[] = [];
  const passedOver = new Set<number>();
  let cursor: string | null = null;
  // Before the first message of a session nothing was said, unless it is answered late.
  if (limit > 0 && (turn.byHand || (turn.messages[0]?.seq ?? 0) > 1)) {
    do {
      const { items, nextCursor } = await reader.transcript(turn.lease.sessionId, {
        newestFirst: true,
        afterSeq,
        limit: Math.min(PAGE, Math.max(1, limit + turn.messages.length)),
        ...(cursor === null ? {} : { cursor }),
      });
      for (const entry of items) {
        if (isElsewhere.has(entry.seq)) continue;
        if (entry.turnId !== turn.lease.turnId && isContext(entry, before)) found.push(entry);
        else passedOver.add(entry.seq);
      }
      cursor = nextCursor;
      // A store may answer at once, and of a long conversation there may be little to show.
      await nextTurn();
    } while (cursor !== null && found.length < limit);
  }
  const shown = found.filter(({ follows }) => follows === null || !passedOver.has(follows));
  const isCut = cursor !== null || shown.length > limit;
  const newest = groupByTurn(shown.slice(0, limit).toReversed());
  // A cut must not begin with answers whose questions it has left out.
  const start = isCut ? newest.findIndex((entry) => entry.role === "user") : 0;
  const entries = start < 0 ? [] : await withLateQuestions(reader, newest.slice(start), isCut);
  return { entries: entries.map(toAgentEntry), isCut };
}

/**
 * Answers without a question: of a turn that was retried by hand the question stands far before, and is put in
 * front of them; the others are left out where the transcript is cut, because their questions are.
 */
async function withLateQuestions(
  reader: Pick<StoreReader, "turn">,
  entries: readonly Entry[],
  isCut: boolean,
): Promise<readonly Entry[]> {
  const asked = new Set(entries.flatMap(({ role, turnId }) => (role === "user" ? [turnId] : [])));
  const whole: Entry[] = [];
  for (const entry of entries) {
    const { turnId, role, follows } = entry;
    if (role === "assistant" && turnId !== null && follows === null && !asked.has(turnId)) {
      const turn = await reader.turn(turnId);
      const isLate = turn !== null && turn.retryOf !== null;
      if (isCut && !isLate) continue;
      if (isLate) whole.push(...turn.messages);
      asked.add(turnId);
    }
    whole.push(entry);
  }
  return whole;
}

/** What a turn is to answer, and between it what interrupted turns had said to that. */
export function toAnswer({ messages, interrupted }: Turn): AgentEntry[] {
  return groupByTurn([...messages, ...interrupted]).map(toAgentEntry);
}

function ownSeqs({ messages, interrupted }: Turn): ReadonlySet<number> {
  return new Set([...messages, ...interrupted].map(({ seq }) => seq));
}

/** An entry in the agent's terms. */
function toAgentEntry({ seq, role, text, attachments, sender }: Entry): AgentEntry {
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
