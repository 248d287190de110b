import { z } from "zod";
import type { Source } from "../core/source.ts";
import { chatSource } from "./chat-source.ts";
import { conversationOfKey } from "./event-identity.ts";
import { OpenAiError } from "./openai-error.ts";

/** The person of a call that names nobody. */
const OPERATOR = "operator";

export interface AddressFields {
  readonly conversation?: string | { readonly id: string } | null | undefined;
  readonly user?: string | null | undefined;
}

export const ADDRESS_FIELDS: {
  readonly conversation: z.ZodType<AddressFields["conversation"]>;
  readonly user: z.ZodType<AddressFields["user"]>;
} = {
  conversation: z
    .union([z.string(), z.object({ id: z.string() })], { error: "Expected a string, or an object with an id" })
    .nullish()
    .describe("The chat whose session answers. The header X-Session-Id goes before it."),
  user: z
    .string()
    .nullish()
    .describe("The person who speaks, and the chat where nothing else names one. Default: operator."),
};

/** Which session a call goes to, in its caller's words; null where it does not say. */
export interface OpenAiAddress {
  /** Whether the chat is named as such, and not by the person alone. */
  readonly isExplicit: boolean;
  readonly chat: string | null;
  readonly user: string | null;
}

/** @throws OpenAiError when the header holds what a header cannot hold. */
export function addressOf(headers: Pick<Headers, "get">, { conversation, user }: AddressFields): OpenAiAddress {
  const named = typeof conversation === "object" ? conversation?.id : conversation;
  const header = headers.get("x-session-id");
  // Which letters its other bytes stand for nobody can tell, and another chat would be opened in silence.
  if (header !== null && !/^[ -~]*$/.test(header)) {
    throw new OpenAiError(
      "invalid_value",
      "X-Session-Id: Expected ASCII characters. Name the chat in the field conversation, which holds all others.",
    );
  }
  const explicit = header ?? named ?? null;
  return { isExplicit: explicit !== null, chat: explicit ?? user ?? null, user: user ?? null };
}

/**
 * The source of a chat of the API: the same as that of `POST /api/chats/{chat}/messages`.
 *
 * @throws ParlorError `INVALID_INPUT` for an id that breaks the rules of ids.
 */
export function sourceOfAddress(chat: string, user: string | null): Source {
  return chatSource(chat, user ?? OPERATOR);
}

/** A conversation of its own, for a call that wants to be stored and does not say where. */
export function newConversation(idempotencyKey: string | null): string {
  return idempotencyKey === null ? `conv_${crypto.randomUUID()}` : `conv_${conversationOfKey(idempotencyKey)}`;
}

/**
 * The `Idempotency-Key` of a call; null when it has none.
 *
 * @throws OpenAiError when it is empty.
 */
export function idempotencyKeyOf(headers: Pick<Headers, "get">): string | null {
  const key = headers.get("idempotency-key");
  if (key?.trim() !== "") return key;
  throw new OpenAiError("invalid_value", "Idempotency-Key: Expected some characters; found none.");
}
