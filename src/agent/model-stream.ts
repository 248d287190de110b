import type {
  LanguageModelMiddleware,
  isStepCount as IsStepCount,
  streamText as StreamText,
  wrapLanguageModel as WrapLanguageModel,
} from "ai";
import { markedPrompt, type MarkedPrompt } from "./model-cache.ts";
import type { CheckedEndpoint } from "./model-endpoint.ts";
import type { ModelStreamPart } from "./model-parts.ts";
import type { ModelPrompt } from "./model-prompt.ts";
import type { TurnTools } from "./model-tools.ts";

export interface ModelSettings {
  readonly model: string;
  /** Undefined: what the endpoint uses. */
  readonly maxOutputTokens: number | undefined;
  readonly startsWithReasoning: boolean;
}

/**
 * Asks the model, and again with what came of the tools it called; without tools, once. Aborting the signal
 * closes the connection and is the only way to end it early.
 */
export type AskModel = (
  prompt: ModelPrompt,
  signal: AbortSignal,
  tools?: TurnTools | null,
) => ReadableStream<ModelStreamPart>;

/** Loads the AI SDK, which takes a good part of a second, and points it at an endpoint. */
export async function loadModel(endpoint: CheckedEndpoint, settings: ModelSettings): Promise<AskModel> {
  const [{ isStepCount, streamText, wrapLanguageModel, extractReasoningMiddleware }, languageModel] = await Promise.all(
    [import("ai"), loadLanguageModel(endpoint, settings.model)],
  );
  const model = wrapLanguageModel({
    model: languageModel,
    middleware: [
      silent,
      extractReasoningMiddleware({ tagName: "think", startWithReasoning: settings.startsWithReasoning }),
    ],
  });
  return (prompt, signal, tools = null) =>
    ask(
      streamText,
      model,
      settings,
      markedPrompt(prompt, endpoint.api),
      signal,
      tools === null ? {} : stepsOf(tools, isStepCount),
    );
}

function ask(
  streamText: typeof StreamText,
  model: Parameters<typeof StreamText>[0]["model"],
  settings: ModelSettings,
  marked: MarkedPrompt,
  signal: AbortSignal,
  steps: Pick<Parameters<typeof StreamText>[0], "tools" | "stopWhen" | "prepareStep" | "toolCallConcurrency">,
): ReadableStream<ModelStreamPart> {
  return streamText({
    ...steps,
    model,
    ...marked,
    ...(settings.maxOutputTokens === undefined ? {} : { maxOutputTokens: settings.maxOutputTokens }),
    abortSignal: signal,
    // The turn is retried as a whole, by those who own it.
    maxRetries: 0,
    // Without a listener the SDK prints faults; they arrive as parts of the stream as well.
    onError: () => {},
    telemetry: { isEnabled: false },
    // Nothing in a prompt or an answer makes Parlor fetch an address.
    experimental_download: (files) => Promise.resolve(files.map(() => null)),
  }).stream;
}

/** How many tools of one step work at once. */
const CALLS_AT_ONCE = 8;

function stepsOf({ set, maxSteps, numbers }: TurnTools, isStepCount: typeof IsStepCount): Parameters<typeof ask>[5] {
  return {
    tools: set,
    stopWhen: isStepCount(maxSteps),
    toolCallConcurrency: CALLS_AT_ONCE,
    prepareStep: ({ stepNumber }) => {
      if (stepNumber > 0) numbers.nextRun();
      return {};
    },
  };
}

async function loadLanguageModel(
  endpoint: CheckedEndpoint,
  model: string,
): Promise<Parameters<typeof WrapLanguageModel>[0]["model"]> {
  if (endpoint.api === "anthropic") {
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    return createAnthropic({ baseURL: endpoint.baseUrl, apiKey: endpoint.apiKey ?? "" })(model);
  }
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  return createOpenAICompatible({
    name: "endpoint",
    baseURL: endpoint.baseUrl,
    includeUsage: true,
    ...(endpoint.apiKey === null ? {} : { apiKey: endpoint.apiKey }),
  })(model);
}

/** The SDK prints its warnings through a global setting, which is not ours to change; so it gets none. */
const silent: LanguageModelMiddleware = {
  specificationVersion: "v4",
  wrapStream: async ({ doStream }) => {
    const { stream, ...rest } = await doStream();
    return {
      ...rest,
      stream: stream.pipeThrough(
        new TransformStream({
          transform(part, controller): void {
            controller.enqueue(part.type === "stream-start" ? { ...part, warnings: [] } : part);
          },
        }),
      ),
    };
  },
};
