/** What the sender of an event is answered. */
import { z } from "zod";
import { MESSAGE_STATES } from "../core/message.ts";
import type { InboxOutcome } from "../inbox/inbox.ts";
import type { ReplyState } from "../store/reader.ts";
import { jsonResponse } from "./json-response.ts";
import { ProblemError } from "./problem.ts";
import type { ProblemName } from "./problem.ts";
import type { Answer } from "./route.ts";

/** Where a message is stored, now or since it was sent before. */
export interface Stored {
  readonly session: string;
  readonly seq: number;
  readonly duplicate?: true;
}

const stored = {
  session: z.string().describe("The id of the session it went to."),
  seq: z.int().describe("Its sequence number there."),
  duplicate: z.literal(true).optional().describe("It was received before; nothing was started."),
};

const signalAnswer = z.strictObject({ signal: z.literal(true) });
const commandAnswer = z.strictObject({
  command: z.string(),
  reply: z.string(),
  duplicate: z.literal(true).optional().describe("It was carried out before; nothing was done again."),
});
const rejectedAnswer = z.strictObject({ rejected: z.literal("unknown-command"), reply: z.string() });

const repliedAnswer = z.strictObject({
  ...stored,
  state: z.enum(MESSAGE_STATES),
  reply: z
    .string()
    .nullable()
    .describe("What was said in answer; null when nothing was, because it was cancelled or erased."),
});

/** Every answer to an event, for the OpenAPI document. */
export const EVENT_ANSWERS: readonly Answer[] = [
  { status: 202, summary: "The message is stored and will be answered.", schema: z.strictObject(stored) },
  {
    status: 200,
    summary:
      "The reply, when it was waited for; or a signal, a command's answer, or a command that does not exist. None of the latter is stored.",
    schema: z.union([repliedAnswer, signalAnswer, commandAnswer, rejectedAnswer]),
  },
];

export const EVENT_PROBLEMS: readonly ProblemName[] = [
  "invalid-request",
  "foreign-host",
  "unauthorized",
  "conflict",
  "gone",
  "too-large",
  "unsupported-media-type",
  "too-many-waiting",
  "session-full",
  "unavailable",
];

/**
 * Where the message is stored, or the whole answer when it is not one.
 *
 * @throws ProblemError `conflict`, `gone` or `session-full`
 */
export function storedOrAnswered(outcome: InboxOutcome): Stored | Response {
  switch (outcome.outcome) {
    case "accepted":
      return { session: outcome.session.id, seq: outcome.seq };
    case "duplicate":
      return { session: outcome.sessionId, seq: outcome.seq, duplicate: true };
    case "signal":
      return jsonResponse(200, { signal: true });
    case "command": {
      const { name, reply, duplicate } = outcome;
      return jsonResponse(200, { command: name, reply, ...(duplicate ? { duplicate } : {}) });
    }
    case "rejected":
      if (outcome.reason === "full") throw sessionFull(outcome.reply);
      return jsonResponse(200, { rejected: outcome.reason, reply: outcome.reply });
    case "conflict":
      throw new ProblemError("conflict", "This id came before with another body. Give every message an id of its own.");
    case "gone":
      throw new ProblemError("gone", "This message was received before, and its session was erased since.");
  }
}

/** How long a session may take to have room again, in seconds. */
export const ROOM_AFTER_S = 5;

function sessionFull(reply: string): ProblemError {
  return new ProblemError("session-full", reply, { headers: { "retry-after": String(ROOM_AFTER_S) } });
}

/** Everything a turn said in answer, in order; null when that is nothing. */
export function replyText({ entries }: ReplyState): string | null {
  const texts = entries.filter(({ role }) => role !== "user").map(({ text }) => text);
  return texts.length === 0 ? null : texts.join("\n\n");
}
