import { ParlorError } from "../core/errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { AgentError, type Agent, type AgentPart, type AgentTurn } from "./agent.ts";
import { checkEndpoint, type ModelEndpoint } from "./model-endpoint.ts";
import { modelFault } from "./model-fault.ts";
import { createModelPartReader, isToken, type ModelStreamPart } from "./model-parts.ts";
import { modelPrompt } from "./model-prompt.ts";
import { loadModel, type AskModel } from "./model-stream.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface ModelAgentOptions {
  readonly endpoint: ModelEndpoint;
  /** The model's name, as the endpoint calls it. */
  readonly model: string;
  /** Default: none, so that what the model server has set up for the model stays in force. */
  readonly systemPrompt?: string;
  /** The most tokens of one answer. Default: what the endpoint uses. */
  readonly maxOutputTokens?: number;
  /**
   * Whether the model begins to think without `<think>` and only ends with `</think>`. Such an answer
   * cannot be told from a plain one before it ends. Default: false.
   */
  readonly startsWithReasoning?: boolean;
  /** How long the model may stay silent, in milliseconds; a token ends the silence, also one of reasoning. Default: 60,000. */
  readonly idleTimeoutMs?: number;
  /** How long one answer may take, in milliseconds. Default: any time. */
  readonly totalTimeoutMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * An agent that asks a language model and streams its answer. Nothing is loaded and nobody is asked
 * before the first turn.
 *
 * @throws ParlorError `INVALID_CONFIG` when the endpoint or the model's name cannot be used.
 */
export function createModelAgent(options: ModelAgentOptions): Agent {
  const endpoint = checkEndpoint(options.endpoint);
  const { model, clock = systemClock, idleTimeoutMs = 60_000, totalTimeoutMs = Infinity } = options;
  if (model.trim() === "") {
    throw new ParlorError("INVALID_CONFIG", "PARLOR_MODEL must name a model of the endpoint; found nothing. Set it.");
  }
  let loading: Promise<AskModel> | null = null;

  function load(): Promise<AskModel> {
    loading ??= loadModel(endpoint, {
      model,
      maxOutputTokens: options.maxOutputTokens,
      startsWithReasoning: options.startsWithReasoning ?? false,
    });
    return loading;
  }

  async function* run(turn: AgentTurn, signal: AbortSignal): AsyncGenerator<AgentPart> {
    signal.throwIfAborted();
    const ask = await load();
    signal.throwIfAborted();
    using idle = createTimeLimit(clock, idleTimeoutMs);
    using total = createTimeLimit(clock, totalTimeoutMs);
    const left = new AbortController();
    const stop = AbortSignal.any([signal, idle.signal, total.signal, left.signal]);
    total.restart();
    idle.restart();
    try {
      const prompt = modelPrompt(turn, options.systemPrompt ?? null);
      const reader = createModelPartReader(model);
      for await (const part of partsOf(ask(prompt, stop), stop)) {
        if (isToken(part)) idle.restart();
        for (const said of reader.read(part)) {
          // The model is not silent while whoever listens is busy with what it said.
          idle.pause();
          yield said;
          stop.throwIfAborted();
          idle.restart();
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (idle.signal.aborted) throw tooSlow(`${endpoint.baseUrl} sent nothing for ${idleTimeoutMs} ms`);
      if (total.signal.aborted) throw tooSlow(`${endpoint.baseUrl} had not finished after ${totalTimeoutMs} ms`);
      throw await modelFault(error, { endpoint, model, signal, clock });
    } finally {
      left.abort();
    }
  }

  return { name: model, run };
}

/**
 * The parts of one answer, none after the signal is aborted. The stream is left as it is when the
 * reader leaves early: the SDK keeps a copy of it, and cancelling one of the two never ends. The
 * signal ends both.
 */
async function* partsOf(stream: ReadableStream<ModelStreamPart>, stop: AbortSignal): AsyncGenerator<ModelStreamPart> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    stop.throwIfAborted();
    if (done) return;
    yield value;
  }
}

function tooSlow(what: string): AgentError {
  return new AgentError(`${what}. If the model needs longer, raise the time-out.`, { retryable: true });
}
