import {
  DEFAULT_USAGE,
  callsTools,
  openFakeModelServer,
  sse,
  type FakeModelDialect,
  type FakeModelOptions,
  type FakeModelServer,
} from "./fake-model-server.ts";

/** A server on loopback that speaks the OpenAI chat-completions streaming API and `GET /v1/models`. */
export function openFakeOpenAI(options: FakeModelOptions = {}): Promise<FakeModelServer> {
  return openFakeModelServer(openAI, options);
}

const openAI: FakeModelDialect = {
  askPath: "/v1/chat/completions",
  keyOf: (headers) => headers.authorization?.replace(/^Bearer /, "") ?? null,
  errorBody: (status, code, message) => ({
    error: { message, type: status >= 500 ? "server_error" : "invalid_request_error", param: null, code },
  }),
  opening: ({ model }) => chunk(model, { delta: { role: "assistant", content: "" } }),
  step: (step, { model }, calls) => {
    if (typeof step === "string") return "";
    if ("text" in step) return chunk(model, { delta: { content: step.text } });
    if ("reasoning" in step) return chunk(model, { delta: { reasoning_content: step.reasoning } });
    if ("toolCall" in step) {
      const { name, arguments: given, id = `call_${calls + 1}` } = step.toolCall;
      const call = { index: calls, id, type: "function", function: { name, arguments: given } };
      return chunk(model, { delta: { tool_calls: [call] } });
    }
    return "error" in step ? sse({ error: step.error }) : "";
  },
  closing: (answer, { model, stream_options: options }) => {
    const { finishReason = callsTools(answer) ? "tool_calls" : "stop", usage = DEFAULT_USAGE } = answer;
    return [
      chunk(model, { delta: {}, finish_reason: finishReason }),
      usage === null || options?.include_usage !== true
        ? ""
        : sse({ ...HEAD, model, choices: [], usage: inOpenAIWords(usage) }),
      sse("[DONE]"),
    ].join("");
  },
};

const HEAD = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1 };

function chunk(model: string, choice: Readonly<Record<string, unknown>>): string {
  return sse({ ...HEAD, model, choices: [{ index: 0, finish_reason: null, ...choice }] });
}

function inOpenAIWords(usage: typeof DEFAULT_USAGE): Readonly<Record<string, number>> {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}
