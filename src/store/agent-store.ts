/** What agents keep about a session besides what was said in it. */
import type { Lease } from "../core/turn.ts";

/** The longest note an agent may keep, in UTF-16 units. */
export const MAX_AGENT_NOTE_LENGTH = 4_096;

export interface AgentStore {
  /**
   * Stores what stands for every entry up to `throughSeq`. The newest one counts; those before it are kept.
   *
   * @throws ParlorError `INVALID_INPUT` for a blank text, or when `throughSeq` is not an entry from before the turn.
   */
  addSummary(lease: Lease, summary: { readonly text: string; readonly throughSeq: number }): Promise<"added" | "lost">;

  /**
   * Keeps what an agent has to know about the session, in place of what it kept before. Empty: nothing.
   *
   * @throws ParlorError `INVALID_INPUT` when it is longer than 4,096 characters.
   */
  setAgentNote(lease: Lease, note: { readonly agent: string; readonly text: string }): Promise<"set" | "lost">;
}

export interface AgentReader {
  /** The newest summary of a session; null while there is none. */
  summary(sessionId: string): Promise<Summary | null>;

  /** What the agent of this name has kept about a session; null when nothing. */
  agentNote(sessionId: string, agent: string): Promise<string | null>;
}

export interface Summary {
  readonly text: string;
  /** The last entry it stands for. */
  readonly throughSeq: number;
  /** The turn that made it. */
  readonly turnId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}
