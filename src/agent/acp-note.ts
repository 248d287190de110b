import { z } from "zod";

/** What has to be known to go on with a session of the agent's own. */
export interface AcpNote {
  /** The id that the agent has given its session. */
  readonly acpSession: string;
  /** The number of the newest entry that the agent has seen there; 0: none. */
  readonly told: number;
}

/** No note is longer, in UTF-16 units. */
const MAX_NOTE = 4_096;

const NOTE = z.object({ acpSession: z.string().min(1), told: z.number().int().min(0) });

/** Null when there is none, or something else. */
export function readAcpNote(text: string | null): AcpNote | null {
  if (text === null) return null;
  try {
    return NOTE.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Null when it cannot be kept: the id is too long. */
export function writeAcpNote(note: AcpNote): string | null {
  const text = JSON.stringify(note);
  return text.length > MAX_NOTE ? null : text;
}
