/** An entry of a transcript as callers see it. */
import { z } from "zod";
import { MESSAGE_STATES } from "../core/message.ts";
import type { Entry } from "../core/transcript.ts";

export const ENTRY_VIEW: z.ZodObject = z.strictObject({
  seq: z.int(),
  role: z.enum(["user", "assistant", "notice"]).describe("notice: Parlor itself."),
  text: z.string(),
  state: z.enum([...MESSAGE_STATES, "said"]).describe("The state of a person's message; said for every other entry."),
  reason: z.string().nullable().describe("Why the last attempt to answer it failed; null when none did."),
  createdAt: z.int().describe("Epoch milliseconds."),
  sentAt: z.int().describe("When the person sent it, where the platform says so; else as createdAt."),
  follows: z
    .int()
    .nullable()
    .describe(
      "Of what an interrupted answer had said: the seq of the message behind which it is to be read; else null.",
    ),
  sender: z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable(),
  attachments: z.array(
    z.strictObject({ url: z.string(), name: z.string().optional(), mediaType: z.string().optional() }),
  ),
  turn: z.string().nullable().describe("The id of the turn it is part of; null while it waits."),
});

export function entryView(entry: Entry): Readonly<Record<string, unknown>> {
  const { sessionId: _, turnId, ...fields } = entry;
  return { ...fields, turn: turnId };
}
