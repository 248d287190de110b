import {
  DEFAULT_USAGE,
  callsTools,
  openFakeModelServer,
  sse,
  type FakeModelDialect,
  type FakeModelOptions,
  type FakeModelServer,
} from "./fake-model-server.ts";

/** A server on loopback that speaks the Anthropic messages streaming API and `GET /v1/models`. */
export function openFakeAnthropic(options: FakeModelOptions = {}): Promise<FakeModelServer> {
  return openFakeModelServer(anthropic, options);
}

const anthropic: FakeModelDialect = {
  askPath: "/v1/messages",
  keyOf: (headers) => (typeof headers["x-api-key"] === "string" ? headers["x-api-key"] : null),
  errorBody: (status, _code, message) => ({
    type: "error",
    error: { type: ERROR_TYPES[status] ?? "api_error", message },
  }),
  opening: ({ model }) =>
    event("message_start", {
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: DEFAULT_USAGE.inputTokens, output_tokens: 1 },
      },
    }),
  step: (step, _question, calls) => {
    if (typeof step === "string") return "";
    if ("text" in step) return block({ type: "text", text: "" }, { type: "text_delta", text: step.text });
    if ("reasoning" in step) {
      return block(
        { type: "thinking", thinking: "", signature: "" },
        { type: "thinking_delta", thinking: step.reasoning },
      );
    }
    if ("toolCall" in step) {
      return block(
        { type: "tool_use", id: step.toolCall.id ?? `toolu_${calls + 1}`, name: step.toolCall.name, input: {} },
        { type: "input_json_delta", partial_json: step.toolCall.arguments },
      );
    }
    return "error" in step ? event("error", { error: step.error }) : "";
  },
  closing: (answer) => {
    const { finishReason = callsTools(answer) ? "tool_use" : "end_turn", usage = DEFAULT_USAGE } = answer;
    const delta = event("message_delta", {
      delta: { stop_reason: finishReason, stop_sequence: null },
      usage: { input_tokens: usage?.inputTokens, output_tokens: usage?.outputTokens ?? 0 },
    });
    return delta + event("message_stop", {});
  },
};

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

function event(type: string, fields: Readonly<Record<string, unknown>>): string {
  return sse({ type, ...fields }, type);
}

/** A whole content block. The API numbers blocks; one number may be used again once its block has stopped. */
function block(start: Readonly<Record<string, unknown>>, delta: Readonly<Record<string, unknown>>): string {
  return [
    event("content_block_start", { index: 0, content_block: start }),
    event("content_block_delta", { index: 0, delta }),
    event("content_block_stop", { index: 0 }),
  ].join("");
}
