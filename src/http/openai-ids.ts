/**
 * The ids of answers. One that is stored is named after the message it answers: the session's id and the
 * message's number, so that it is found again without a table of its own, and after a restart.
 */
import { randomId } from "../lib/id.ts";

/** Where the message stands that an answer belongs to. */
export interface AnswerPlace {
  readonly sessionId: string;
  readonly seq: number;
}

const RESPONSE_ID = /^resp_([0-9a-z]{26})_([1-9][0-9]{0,14})$/;

/** What the ids of one answer have in common: `resp_…`, `msg_…` and `chatcmpl-…`. */
export function storedAnswerName({ sessionId, seq }: AnswerPlace): string {
  return `${sessionId.slice("ses_".length)}_${seq}`;
}

/** The name of an answer that is not stored: it leads nowhere. */
export function passingAnswerName(): string {
  return randomId("x").slice("x_".length);
}

/** Where the message would stand that this response answers; null for an id that no stored response has. */
export function placeOfResponse(responseId: string): AnswerPlace | null {
  const [, name, seq] = RESPONSE_ID.exec(responseId) ?? [];
  if (name === undefined || seq === undefined) return null;
  return { sessionId: `ses_${name}`, seq: Number(seq) };
}
