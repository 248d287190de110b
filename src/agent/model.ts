import { ParlorError } from "../core/errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import { AgentError, type Agent, type AgentEntry, type AgentPart, type AgentPorts, type AgentTurn } from "./agent.ts";
import type { AgentFiles } from "./agent-files.ts";
import { createModelBudget } from "./model-budget.ts";
import { fitTurn } from "./model-compaction.ts";
import { loadAttachments, withoutFilesOf } from "./model-content.ts";
import { checkEndpoint, type ModelEndpoint } from "./model-endpoint.ts";
import { isBadPrompt, modelFault } from "./model-fault.ts";
import { createModelPartReader, isToken, type ModelStreamPart } from "./model-parts.ts";
import { entryParts, hasFiles, modelPrompt, type ModelPrompt } from "./model-prompt.ts";
import { loadModel, type AskModel } from "./model-stream.ts";
import type { ModelTools, TurnTools } from "./model-tools.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface ModelAgentOptions {
  readonly endpoint: ModelEndpoint;
  /** The model's name, as the endpoint calls it. */
  readonly model: string;
  /** Default: none, so that what the model server has set up for the model stays in force. */
  readonly systemPrompt?: string;
  /** How many tokens the model takes at once, its answer included. Default: 100,000. */
  readonly contextTokens?: number;
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
  /** What the model may call. Default: nothing. */
  readonly tools?: ModelTools;
  /** How what people attach is fetched. Default: nothing is; files are named. */
  readonly files?: AgentFiles;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The most entries of a transcript that are read for one turn; long before, older ones are summarised. */
const TRANSCRIPT_LIMIT = 1_000;

/** A conversation that is asked of the model; another one for summaries, which may be longer than an answer. */
interface Asks {
  readonly answer: AskModel;
  readonly summary: AskModel;
}

/**
 * An agent that asks a language model and streams its answer. Nothing is loaded and nobody is asked
 * before the first turn. What is too long for the model is summarised by it first.
 *
 * @throws ParlorError `INVALID_CONFIG` when the endpoint or the model's name cannot be used.
 */
export function createModelAgent(options: ModelAgentOptions): Agent {
  const endpoint = checkEndpoint(options.endpoint);
  const { model, maxOutputTokens, clock = systemClock, idleTimeoutMs = 60_000, totalTimeoutMs = Infinity } = options;
  if (model.trim() === "") {
    throw new ParlorError("INVALID_CONFIG", "PARLOR_MODEL must name a model of the endpoint; found nothing. Set it.");
  }
  const budget = createModelBudget({ contextTokens: options.contextTokens ?? 100_000, maxOutputTokens });
  let loading: Promise<Asks> | null = null;

  async function loadBoth(): Promise<Asks> {
    const settings = { model, startsWithReasoning: options.startsWithReasoning ?? false };
    const [answer, summary] = await Promise.all([
      loadModel(endpoint, { ...settings, maxOutputTokens }),
      loadModel(endpoint, { ...settings, maxOutputTokens: budget.maxSummaryTokens }),
    ]);
    return { answer, summary };
  }

  async function* run(turn: AgentTurn, signal: AbortSignal, ports: AgentPorts): AsyncGenerator<AgentPart> {
    signal.throwIfAborted();
    const asks = await (loading ??= loadBoth());
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
    async function* say(ask: AskModel, prompt: ModelPrompt, tools: TurnTools | null): AsyncGenerator<AgentPart> {
      const reader = createModelPartReader(model, tools);
      let isCounted = false;
      idle.restart();
      try {
        for await (const part of partsOf(ask(prompt, stop, tools), stop)) {
          if (part.type === "finish-step" && !isCounted) {
            isCounted = true;
            budget.learn(prompt, toolText(tools), part.usage.inputTokens ?? 0);
          }
          const said = reader.read(part);
          if (isToken(part)) idle.restart();
          if (reader.isWaiting()) idle.pause();
          for (const spoken of said) {
            // The model is not silent while whoever listens is busy with what it said.
            idle.pause();
            yield spoken;
            stop.throwIfAborted();
            if (!reader.isWaiting()) idle.restart();
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
      const tools = (await options.tools?.forTurn(turn, stop)) ?? null;
      const entries = [...turn.transcript, ...turn.messages];
      const { source } = turn;
      let attachments = await loadAttachments(
        entries,
        { files: options.files ?? null, api: endpoint.api, source, clock },
        stop,
      );
      const promptOf = (shown: AgentTurn): ModelPrompt => modelPrompt(shown, options.systemPrompt ?? null, attachments);
      const scene = {
        budget,
        model,
        toolTokens: budget.ofText(toolText(tools)),
        promptOf,
        partsOf: (entry: AgentEntry) => entryParts(entry, turn, attachments),
        say: (prompt: ModelPrompt) => say(asks.summary, prompt, null),
        summarize: (summary: Parameters<AgentPorts["summarize"]>[0]) => untilAborted(ports.summarize(summary), stop),
      };
      let hasSpoken = false;
      let shown = yield* fitTurn(turn, scene, null);
      for (let isShortened = false, isBare = false; ;) {
        try {
          for await (const part of say(asks.answer, promptOf(shown), tools)) {
            hasSpoken ||= part.type === "text" || part.type === "tool";
            yield part;
          }
          return;
        } catch (error) {
          if (!(error instanceof AgentError) || hasSpoken) throw error;
          // A file that was refused once must not end every later turn of its conversation.
          const bare = mayBeFile && !isBare ? withoutFilesOf(shown.transcript, attachments) : null;
          if (error.fault === "context" && !isShortened) {
            isShortened = true;
            shown = yield* fitTurn(shown, scene, error);
          } else if (bare !== null) {
            isBare = true;
            attachments = bare;
          } else throw error;
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
    transcriptLimit: TRANSCRIPT_LIMIT,
    run,
    close: async () => await options.tools?.close(),
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

/** What a model is told of the tools it may call. */
function toolText(tools: TurnTools | null): string {
  return tools === null
    ? ""
    : JSON.stringify(
        Object.entries(tools.set).map(([name, { description, inputSchema }]) => [name, description, inputSchema]),
      );
}

function tooSlow(what: string): AgentError {
  return new AgentError(`${what}. If the model needs longer, raise the time-out.`, { retryable: true });
}
