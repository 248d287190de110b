import { z } from "zod";
import { ADDRESS_FIELDS } from "./openai-address.ts";
import type { AddressFields } from "./openai-address.ts";
import { OPENAI_MESSAGE } from "./openai-thread.ts";
import type { OpenAiMessage } from "./openai-thread.ts";

export interface ChatRequest extends AddressFields {
  readonly model: string;
  readonly messages: readonly OpenAiMessage[];
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
}

/** The body of `POST /v1/chat/completions`. Fields it does not know are let through: clients send many. */
export const CHAT_REQUEST: z.ZodType<ChatRequest> = z.looseObject({
  model: z.string().describe("The name of an agent, or parlor."),
  messages: z.array(OPENAI_MESSAGE),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  ...ADDRESS_FIELDS,
});
