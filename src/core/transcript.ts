import type { Attachment, MessageState } from "./message.ts";

/** Who is speaking: a person, the agent, or Parlor itself (`notice`: never part of a prompt). */
export type Role = "user" | "assistant" | "notice";

/** One line of a transcript. */
export interface Entry {
  readonly sessionId: string;
  /** 1, 2, 3 … in the order of commits, without gaps. */
  readonly seq: number;
  readonly role: Role;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** The state of a person's message; `said` for every other entry. */
  readonly state: MessageState | "said";
  /** The person; null unless `role` is `user`. */
  readonly sender: { readonly id: string; readonly name: string | null } | null;
  /** The turn it is part of; null while it waits. */
  readonly turnId: string | null;
  /** Why the last attempt to answer it failed, for the operator; null when none did. */
  readonly reason: string | null;
  /**
   * The message behind which it stands, of an entry that an interrupted turn has said: the newest that turn
   * was to answer, which another turn answers now. Null for every other entry.
   */
  readonly follows: number | null;
  /** When the person sent it, in epoch milliseconds; `createdAt` where the platform did not say. */
  readonly sentAt: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/**
 * Entries in the order they make sense in: each turn's inputs, then its outputs, then what was said
 * while it ran. Sequence numbers are commit order, so a message that arrives during a turn stands
 * before that turn's answer; a reader and a prompt want it behind. What an interrupted turn had said stands
 * between the messages it was said to and the newer ones.
 */
export function groupByTurn(entries: readonly Entry[]): Entry[] {
  const lastInput = new Map<string, number>();
  for (const { turnId, role, seq } of entries) {
    if (turnId !== null && role === "user") lastInput.set(turnId, Math.max(seq, lastInput.get(turnId) ?? 0));
  }
  const place = (entry: Entry): number => {
    if (entry.follows !== null) return entry.follows;
    return entry.role === "user" || entry.turnId === null ? entry.seq : (lastInput.get(entry.turnId) ?? entry.seq);
  };
  return entries.toSorted((a, b) => place(a) - place(b) || a.seq - b.seq);
}
