/** The bodies that carry events, and how they are told apart. */
import { z } from "zod";
import { SIGNAL_NAMES } from "../core/event.ts";
import type { SignalName } from "../core/event.ts";
import { MAX_TEXT_LENGTH } from "../core/message.ts";
import { MAX_ID_LENGTH } from "../core/source.ts";
import { isEmptyBody, parseJson } from "./request-body.ts";
import { validate } from "./validate.ts";

const id = z.string().min(1).max(MAX_ID_LENGTH);

export interface ChatMessageBody {
  readonly from: string;
  readonly text: string;
  readonly id?: string | undefined;
  readonly fromName?: string | undefined;
}

export interface HookMessageBody extends ChatMessageBody {
  readonly chat?: string | undefined;
  readonly thread?: string | undefined;
  readonly chatName?: string | undefined;
}

const chatMessage = {
  from: id.describe("The sender's id."),
  text: z.string().max(MAX_TEXT_LENGTH).describe("What was said. Blank text is a signal, not a message."),
  id: id.optional().describe("The sender's id of this message: sending it again starts nothing."),
  fromName: z.string().optional().describe("The sender's name, for people to read."),
};

export const CHAT_MESSAGE: z.ZodType<ChatMessageBody> = z.strictObject(chatMessage);

export const HOOK_MESSAGE: z.ZodType<HookMessageBody> = z.strictObject({
  ...chatMessage,
  chat: id.optional().describe("The chat's id. Default: a direct message from the sender."),
  thread: id.optional().describe("The thread's id."),
  chatName: z.string().optional().describe("The chat's name, for people to read."),
});

export interface SignalBody {
  readonly type: SignalName;
  readonly from?: string | undefined;
  readonly chat?: string | undefined;
  readonly thread?: string | undefined;
}

export const SIGNAL: z.ZodType<SignalBody> = z.object({
  type: z.enum(SIGNAL_NAMES).describe("What happened that is not a message."),
  from: id.optional(),
  chat: id.optional(),
  thread: id.optional(),
});

export type EventBody<T> =
  | { readonly kind: "signal"; readonly signal: SignalBody }
  | { readonly kind: "message"; readonly message: T };

/**
 * Reads the body of an event: `schema` for a message, a `type` for a signal; an empty body is a ping.
 *
 * @throws ProblemError for what is neither.
 */
export function parseEvent<T>(schema: z.ZodType<T>, request: Request, bytes: Buffer): EventBody<T> {
  if (isEmptyBody(bytes)) return PING;
  const value = parseJson(request, bytes);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if ("type" in value) return { kind: "signal", signal: validate(SIGNAL, value, "body") };
    if (isEmptyObject(value)) return PING;
  }
  return { kind: "message", message: validate(schema, value, "body") };
}

const PING: { readonly kind: "signal"; readonly signal: SignalBody } = { kind: "signal", signal: { type: "ping" } };

function isEmptyObject(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
