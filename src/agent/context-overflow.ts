import type { ModelFailure } from "./model-failure.ts";

/**
 * How endpoints say that a prompt is longer than their model can read. Codes first: they are meant to be read
 * by programs. The sentences are those of OpenAI, Azure, DeepSeek and vLLM ("maximum context length"), Anthropic,
 * llama.cpp, LM Studio, Ollama, Mistral, Gemini, xAI, Cohere, Bedrock and text-generation-inference.
 */
const FORMS: readonly RegExp[] = [
  /context_length_exceeded|exceed_context_size_error|request_too_large|string_above_max_length/i,
  /context (length|size|window|limit)/i,
  /(maximum|max) (context|model|prompt) length/i,
  /(prompt|input) (is )?too long/i,
  /too many (input )?tokens/i,
  /input token count .{0,40}exceeds/i,
  /too large for model with \d+ maximum context/i,
  /inputs. tokens \+ .max_new_tokens. must be/i,
  /max_(completion_)?tokens must be at least 1, got -/i,
];

type Refusal = Extract<ModelFailure, { kind: "refused" }>;

/** Faults of other kinds may name the context, too: of a server that is down, or of a bound on requests. */
export function isContextOverflow({ status, details }: Refusal): boolean {
  if (status === 413) return true;
  if (status === 401 || status === 403 || status === 429) return false;
  return FORMS.some((form) => form.test(details));
}
