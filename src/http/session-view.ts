/** A session as callers see it. */
import { z } from "zod";
import type { ResetReason, Session } from "../core/session.ts";
import { CHAT_TYPES } from "../core/source.ts";

const RESET_REASONS = ["idle", "daily", "command"] as const satisfies readonly ResetReason[];

const time = z.int().nullable().describe("Epoch milliseconds; null where there is none.");

export const SESSION_VIEW: z.ZodObject = z.strictObject({
  id: z.string(),
  state: z
    .enum(["draft", "live", "ended"])
    .describe("A draft is not stored: it is what the next message would open, under this id."),
  epoch: z.int().describe("1 for the first life of a conversation."),
  source: z.strictObject({
    platform: z.string(),
    account: z.string(),
    chatType: z.enum(CHAT_TYPES),
    chat: z.string(),
    thread: z.string().nullable(),
    user: z.string(),
    chatName: z.string().nullable(),
    userName: z.string().nullable(),
  }),
  title: z.string().nullable(),
  startedAt: time,
  lastUserMessageAt: time,
  activeAt: time,
  endedAt: time,
  endReason: z.enum(RESET_REASONS).nullable(),
  reset: z
    .strictObject({ reason: z.enum(RESET_REASONS), hadActivity: z.boolean() })
    .nullable()
    .describe("Why it follows another life of its conversation."),
  pinnedAt: time,
  lastSeq: z.int().describe("How many entries it has."),
  memoryFlushed: z.boolean(),
  usage: z.strictObject({ inputTokens: z.int(), outputTokens: z.int() }),
});

export function sessionView(session: Session): Readonly<Record<string, unknown>> {
  // The key is the source again, in a form that nobody else needs to read.
  const { key: _, id, ...fields } = session;
  return { id, state: stateOf(session), ...fields };
}

function stateOf({ persisted, endedAt }: Session): "draft" | "live" | "ended" {
  if (!persisted) return "draft";
  return endedAt === null ? "live" : "ended";
}
