/** A reply as `POST /v1/responses` answers it. */
import { z } from "zod";
import type { OpenAiCall } from "./openai-call.ts";
import type { OpenAiError } from "./openai-error.ts";
import type { WholeReply } from "./openai-reply.ts";

export const RESPONSE_OBJECT: z.ZodObject = z.object({
  id: z.string().describe("Of a stored response: what previous_response_id takes."),
  object: z.literal("response"),
  created_at: z.int().describe("Epoch seconds."),
  status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
  error: z.object({ code: z.literal("server_error"), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.enum(["max_output_tokens", "content_filter"]) }).nullable(),
  instructions: z.string().nullable(),
  model: z.string(),
  output: z.array(
    z.object({
      id: z.string(),
      type: z.literal("message"),
      status: z.enum(["in_progress", "completed", "incomplete"]),
      role: z.literal("assistant"),
      content: z.array(
        z.object({
          type: z.literal("output_text"),
          text: z.string(),
          annotations: z.array(z.never()),
          logprobs: z.array(z.never()),
        }),
      ),
    }),
  ),
  previous_response_id: z.string().nullable(),
  conversation: z.object({ id: z.string() }).nullable(),
  store: z.boolean().describe("Whether it is stored, in a session."),
  usage: z
    .object({
      input_tokens: z.int(),
      input_tokens_details: z.object({ cached_tokens: z.literal(0) }),
      output_tokens: z.int(),
      output_tokens_details: z.object({ reasoning_tokens: z.literal(0) }),
      total_tokens: z.int(),
    })
    .nullable(),
});

/** What a response says of the call it answers. */
export interface ResponseFrame {
  /** The name of the agent that answers. */
  readonly model: string;
  readonly instructions: string | null;
  readonly previousId: string | null;
  /** The chat of its session. */
  readonly conversation: string | null;
}

export type ResponseState =
  | { readonly status: "in_progress" }
  | { readonly status: "said"; readonly reply: WholeReply }
  | { readonly status: "failed"; readonly error: OpenAiError };

type Incomplete = Exclude<WholeReply["finish"], "done">;

const INCOMPLETE: Readonly<Record<Incomplete, string>> = { length: "max_output_tokens", filtered: "content_filter" };

export function responseObject(frame: ResponseFrame, call: OpenAiCall, state: ResponseState): object {
  const reply = state.status === "said" ? state.reply : null;
  const cutOff = reply === null || reply.finish === "done" ? null : reply.finish;
  return {
    id: `resp_${call.name}`,
    object: "response",
    created_at: Math.floor(call.createdAt / 1_000),
    status: state.status === "said" ? statusOf(state.reply) : state.status,
    background: false,
    error: state.status === "failed" ? { code: "server_error", message: state.error.message } : null,
    incomplete_details: cutOff === null ? null : { reason: INCOMPLETE[cutOff] },
    instructions: frame.instructions,
    max_output_tokens: null,
    metadata: {},
    model: frame.model,
    output: reply === null ? [] : [outputItem(call, reply)],
    parallel_tool_calls: false,
    previous_response_id: frame.previousId,
    conversation: frame.conversation === null ? null : { id: frame.conversation },
    store: call.sessionId !== null,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "none",
    tools: [],
    top_p: null,
    truncation: "disabled",
    usage: reply === null ? null : usageView(reply.usage),
  };
}

/** The one item of a response; of null: before anything is said. */
export function outputItem(call: OpenAiCall, reply: WholeReply | null): object {
  return {
    id: itemIdOf(call),
    type: "message",
    status: reply === null ? "in_progress" : statusOf(reply),
    role: "assistant",
    content: reply === null ? [] : [textPart(reply.text)],
  };
}

export function itemIdOf({ name }: OpenAiCall): string {
  return `msg_${name}`;
}

export function textPart(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function statusOf({ finish }: WholeReply): "completed" | "incomplete" {
  return finish === "done" ? "completed" : "incomplete";
}

function usageView(usage: WholeReply["usage"]): object {
  const { inputTokens, outputTokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
