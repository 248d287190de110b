import assert from "node:assert/strict";
import { test } from "node:test";
import { isContextOverflow } from "../../src/agent/context-overflow.ts";

function overflows(details: string, status: number | null = 400): boolean {
  return isContextOverflow({ kind: "refused", status, codes: [], details, retryAfterMs: null });
}

for (const [endpoint, words] of [
  ["OpenAI", "context_length_exceeded This model's maximum context length is 8192 tokens."],
  ["OpenAI, lately", "Your input exceeds the context window of this model. Please adjust your input and try again."],
  ["Anthropic", "invalid_request_error prompt is too long: 201000 tokens > 200000 maximum"],
  ["Anthropic, with the answer", "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000"],
  ["llama.cpp", "exceed_context_size_error the request exceeds the available context size."],
  ["vLLM", "This model's maximum context length is 4096 tokens. However, you requested 4222 tokens"],
  ["vLLM, of the prompt", "The decoder prompt (length 5000) is longer than the maximum model length of 4096."],
  ["vLLM, long ago", "max_tokens must be at least 1, got -186."],
  ["Ollama", "prompt too long; exceeded max context length by 100 tokens"],
  ["Ollama, of embeddings", "the input length exceeds the context length"],
  ["LM Studio", "the model is loaded with context length of only 4096 tokens, which is not enough"],
  ["Mistral", "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"],
  ["Gemini", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."],
  ["xAI", "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
  ["Cohere", "too many tokens: total number of tokens in the prompt cannot exceed 4081"],
  ["Bedrock", "Input is too long for requested model."],
  ["text-generation-inference", "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."],
] as const) {
  test(`a prompt that is too long is recognised in the words of ${endpoint}`, () => {
    assert.equal(overflows(words), true);
  });
}

test("llama.cpp has said it with a status of 500, and proxies with one of their own", () => {
  assert.equal(overflows("exceed_context_size_error", 500), true);
  assert.equal(overflows("", 413), true);
  assert.equal(overflows("context_length_exceeded", null), true, "in the middle of an answer");
});

test("other faults are not taken for it", () => {
  assert.equal(overflows("invalid_request_error messages: roles must alternate"), false);
  assert.equal(overflows("rate_limit_exceeded Request too large on tokens per minute; context length", 429), false);
  assert.equal(overflows("no access to models with a context window of 1M", 403), false);
  assert.equal(overflows("server_error The server had an error.", 500), false);
});
