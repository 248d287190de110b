import type { AgentEntry, AgentTurn } from "./agent.ts";

/** The longest question, in bytes: it is signed in one piece, in which nothing else happens. */
const MAX_BYTES = 4 * 1_048_576;

/** What names one attempt: a receiver that is asked it again knows it by this. */
export function questionId({ turnId, attempt }: AgentTurn): string {
  // Not a full stop, which parts the id from the rest of what is signed.
  return `${turnId}-${attempt}`;
}

/**
 * A turn as an endpoint is asked it, in JSON; null when it is too long even with nothing of what was said
 * before. Of that the oldest is left out, as much as has to be.
 */
export function questionBody(turn: AgentTurn, maxBytes: number = MAX_BYTES): string | null {
  const { turnId, attempt, sessionId, source, reset, instructions, summary, messages } = turn;
  const bodyWith = (transcript: readonly AgentEntry[]): string =>
    JSON.stringify({
      type: "agent.turn",
      turn: turnId,
      attempt,
      session: sessionId,
      source,
      reset,
      instructions,
      summary,
      transcript,
      messages,
    });
  const spare = maxBytes - bytesOf(bodyWith([]));
  // The first entry has no comma before it.
  return spare < 0 ? null : bodyWith(newest(turn.transcript, spare + 1));
}

/** The newest entries that take no more room, each with a comma, beginning with a question if any had to be left out. */
function newest(transcript: readonly AgentEntry[], maxBytes: number): readonly AgentEntry[] {
  let start = transcript.length;
  let spare = maxBytes;
  for (const [index, entry] of [...transcript.entries()].toReversed()) {
    spare -= bytesOf(JSON.stringify(entry)) + 1;
    if (spare < 0) break;
    start = index;
  }
  if (start === 0) return transcript;
  const question = transcript.findIndex((entry, index) => index >= start && entry.role === "user");
  return question < 0 ? [] : transcript.slice(question);
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
