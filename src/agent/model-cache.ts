import type { Instructions, ModelMessage } from "ai";
import type { ModelEndpoint } from "./model-endpoint.ts";
import type { ModelPrompt } from "./model-prompt.ts";

/** A prompt as the AI SDK takes it. */
export interface MarkedPrompt {
  readonly instructions?: Instructions;
  readonly messages: ModelMessage[];
}

const MARK = { providerOptions: { anthropic: { cacheControl: { type: "ephemeral" as const } } } };

/**
 * Says how far Anthropic is to keep what it has read; endpoints of OpenAI's API do so by themselves. Marked are
 * the system prompt, which every session shares; the message before the last, up to which the next turn's prompt
 * is the same; and the last one, for the next step of a turn that calls tools, and for the next turn.
 */
export function markedPrompt(prompt: ModelPrompt, api: ModelEndpoint["api"]): MarkedPrompt {
  const { instructions, isOnce = false } = prompt;
  const isMarked = api === "anthropic" && !isOnce;
  const messages = prompt.messages.map((message, index): ModelMessage => {
    const mark = isMarked && index >= prompt.messages.length - 2 ? MARK : {};
    return message.role === "assistant"
      ? { ...message, ...mark }
      : {
          role: "user",
          content: typeof message.content === "string" ? message.content : [...message.content],
          ...mark,
        };
  });
  if (instructions === null) return { messages };
  return {
    instructions: isMarked ? { role: "system", content: instructions, ...MARK } : instructions,
    messages,
  };
}
