import { z } from "zod";
import { ADDRESS_FIELDS } from "./openai-address.ts";
import type { AddressFields } from "./openai-address.ts";
import { OPENAI_CONTENT } from "./openai-content.ts";
import type { OpenAiContent } from "./openai-content.ts";
import type { OpenAiMessage } from "./openai-thread.ts";

interface InputItem {
  readonly type?: string | null | undefined;
  readonly role?: string | null | undefined;
  readonly content?: OpenAiContent | null | undefined;
}

export interface ResponseRequest extends AddressFields {
  readonly model: string;
  readonly input: string | readonly InputItem[];
  readonly instructions?: string | null | undefined;
  readonly previous_response_id?: string | null | undefined;
  readonly store?: boolean | null | undefined;
  readonly stream?: boolean | null | undefined;
}

const ITEM: z.ZodType<InputItem> = z.object({
  type: z.string().nullish().describe("message, or left out."),
  role: z.string().nullish().describe("system, developer, user or assistant."),
  content: OPENAI_CONTENT.nullish(),
});

/** The body of `POST /v1/responses`. Fields it does not know are let through: clients send many. */
export const RESPONSE_REQUEST: z.ZodType<ResponseRequest> = z.looseObject({
  model: z.string().describe("The name of an agent, or parlor."),
  input: z.union([z.string(), z.array(ITEM)], { error: "Expected a string or a list of messages" }),
  instructions: z.string().nullish().describe("What a call without a session asks of the agent besides."),
  previous_response_id: z.string().nullish().describe("The response that this call continues."),
  store: z
    .boolean()
    .nullish()
    .describe("true: a session, also where none is addressed. Default: only where one is addressed."),
  stream: z.boolean().nullish(),
  ...ADDRESS_FIELDS,
});

/** What the agent said, by its id instead of its text: clients that take it for stored send it so. */
export function isReference({ type }: InputItem): boolean {
  return type === "item_reference";
}

/** The input as messages. An item that is no message stands as one of a role that nobody has. */
export function messagesOfInput(input: ResponseRequest["input"]): readonly OpenAiMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  return input.map((item) => {
    const { type = "message", role, content } = item;
    if (isReference(item)) return { role: "assistant" };
    if (type === "message" || type === null) return { role: role ?? "nobody", content };
    return { role: type };
  });
}
