import { ParlorError } from "../core/errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { AgentError, type Agent, type AgentPart, type AgentTurn } from "./agent.ts";
import type { AgentFiles } from "./agent-files.ts";
import { loadAttachments, withoutFilesOf } from "./model-content.ts";
import { checkEndpoint, type ModelEndpoint } from "./model-endpoint.ts";
import { isBadPrompt, modelFault } from "./model-fault.ts";
import { createModelPartReader, isToken, type ModelStreamPart } from "./model-parts.ts";
import { hasFiles, modelPrompt, type ModelPrompt } from "./model-prompt.ts";
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
  /** How long one answer may take, in milliseconds, with all that it takes to get there. Default: any time. */
  readonly totalTimeoutMs?: number;
  /** How what people attach is fetched. Default: nothing is; files are named. */
  readonly files?: AgentFiles;
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
  const { model, maxOutputTokens, clock = systemClock, idleTimeoutMs = 60_000, totalTimeoutMs = Infinity } = options;
  if (model.trim() === "") {
    throw new ParlorError("INVALID_CONFIG", "PARLOR_MODEL must name a model of the endpoint; found nothing. Set it.");
  }
  let loading: Promise<AskModel> | null = null;

  function load(): Promise<AskModel> {
    loading ??= loadModel(endpoint, {
      model,
      maxOutputTokens,
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
    const explain = async (error: unknown, prompt: ModelPrompt | null = null): Promise<unknown> => {
      signal.throwIfAborted();
      if (idle.signal.aborted) return tooSlow(`${endpoint.baseUrl} sent nothing for ${idleTimeoutMs} ms`);
      if (total.signal.aborted) return tooSlow(`${endpoint.baseUrl} had not finished after ${totalTimeoutMs} ms`);
      if (error instanceof ParlorError) return error;
      return await modelFault(error, { endpoint, model, signal, clock, hasFiles: prompt !== null && hasFiles(prompt) });
    };

    /** Whether the last prompt was refused, with files in it. */
    let mayBeFile = false;

    /** One answer of the model, of any kind. */
    async function* say(prompt: ModelPrompt): AsyncGenerator<AgentPart> {
      const reader = createModelPartReader(model);
      idle.restart();
      try {
        for await (const part of partsOf(ask(prompt, stop), stop)) {
          const said = reader.read(part);
          if (isToken(part)) idle.restart();
          for (const spoken of said) {
            // The model is not silent while whoever listens is busy with what it said.
            idle.pause();
            yield spoken;
            stop.throwIfAborted();
            idle.restart();
          }
        }
      } catch (error) {
        mayBeFile = hasFiles(prompt) && isBadPrompt(error, { clock });
        throw await explain(error, prompt);
      } finally {
        idle.pause();
      }
    }

    total.restart();
    try {
      const entries = [...turn.transcript, ...turn.messages];
      const { source } = turn;
      let attachments = await loadAttachments(
        entries,
        { files: options.files ?? null, api: endpoint.api, source, clock },
        stop,
      );
      const promptOf = (): ModelPrompt => modelPrompt(turn, options.systemPrompt ?? null, attachments);
      let hasSpoken = false;
      for (let isBare = false; ;) {
        try {
          for await (const part of say(promptOf())) {
            hasSpoken ||= part.type === "text" || part.type === "tool";
            yield part;
          }
          return;
        } catch (error) {
          if (!(error instanceof AgentError) || hasSpoken) throw error;
          // A file that was refused once must not end every later turn of its conversation.
          const bare = mayBeFile && !isBare ? withoutFilesOf(turn.transcript, attachments) : null;
          if (bare === null) throw error;
          isBare = true;
          attachments = bare;
        }
      }
    } catch (error) {
      throw await explain(error);
    } finally {
      left.abort();
    }
  }

  return {
    name: model,
    model,
    run,
  };
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
