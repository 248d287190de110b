import type { Agent, AgentTurn } from "../agent/agent.ts";
import type { Turn } from "../core/turn.ts";
import type { StoreReader } from "../store/reader.ts";
import { loadTranscript } from "./transcript.ts";

const GAP = "(Some of what was said after that is not part of this record.)";

/**
 * What an agent is shown of a session besides the messages it is to answer: the newest summary and what was said
 * since, and what it keeps itself. `limit` holds for agents that have none of their own.
 */
export async function loadContext(
  reader: Pick<StoreReader, "summary" | "agentNote" | "transcript" | "turn">,
  turn: Turn,
  { name, transcriptLimit }: Pick<Agent, "name" | "transcriptLimit">,
  limit: number,
): Promise<Pick<AgentTurn, "summary" | "note" | "transcript">> {
  const { sessionId } = turn.lease;
  const summary = await reader.summary(sessionId);
  const shown = await loadTranscript(reader, turn, transcriptLimit ?? limit, summary?.throughSeq);
  return {
    summary: summary === null ? null : shown.isCut ? `${summary.text}\n${GAP}` : summary.text,
    note: await reader.agentNote(sessionId, name),
    transcript: shown.entries,
  };
}
