/** A reply as `POST /v1/chat/completions` answers it. */
import { z } from "zod";
import { repliesDiffer, streamError } from "./openai-call.ts";
import type { CallAnswer, OpenAiCall } from "./openai-call.ts";
import type { WholeReply } from "./openai-reply.ts";
import { createStreamedText } from "./openai-streamed-text.ts";

export const CHAT_COMPLETION: z.ZodObject = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int().describe("Epoch seconds."),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.literal(0),
      message: z.object({ role: z.literal("assistant"), content: z.string(), refusal: z.null() }),
      logprobs: z.null(),
      finish_reason: z.enum(["stop", "length", "content_filter"]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
});

const FINISH_REASONS = { done: "stop", length: "length", filtered: "content_filter" } as const;

export interface ChatAnswerOptions {
  /** The name of the agent that answers. */
  readonly model: string;
  /** Whether a stream ends with what the reply has cost. */
  readonly includeUsage: boolean;
  readonly onFault: (error: unknown) => void;
}

export function chatAnswer({ model, includeUsage, onFault }: ChatAnswerOptions): CallAnswer {
  const frameOf = ({ name, createdAt }: OpenAiCall, object: string): object => ({
    id: `chatcmpl-${name}`,
    object,
    created: Math.floor(createdAt / 1_000),
    model,
  });

  return {
    whole: (call, { text, usage, finish }) => ({
      ...frameOf(call, "chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null },
          logprobs: null,
          finish_reason: FINISH_REASONS[finish],
        },
      ],
      usage: usageView(usage),
    }),

    stream: async (call, { send, offer }, left) => {
      const frame = frameOf(call, "chat.completion.chunk");
      const chunk = (delta: object, finish: WholeReply["finish"] | null = null): string =>
        eventText({
          ...frame,
          choices: [
            { index: 0, delta, logprobs: null, finish_reason: finish === null ? null : FINISH_REASONS[finish] },
          ],
          ...(includeUsage ? { usage: null } : {}),
        });
      send(chunk({ role: "assistant", content: "" }));
      try {
        const streamed = createStreamedText((content) => offer(() => chunk({ content })));
        const { text, usage, finish } = await call.reply(streamed, left);
        const rest = streamed.rest(text);
        if (rest === null) throw repliesDiffer();
        if (rest !== "") send(chunk({ content: rest }));
        send(chunk({}, finish));
        if (includeUsage) send(eventText({ ...frame, choices: [], usage: usageView(usage) }));
        send("data: [DONE]\n\n");
      } catch (error) {
        if (!left.aborted) send(eventText(streamError(error, onFault).toBody()));
      }
    },
  };
}

function usageView(usage: WholeReply["usage"]): object {
  const { inputTokens, outputTokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

function eventText(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
