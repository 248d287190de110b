import type { ModelContentPart } from "./model-content.ts";
import { hasFiles, type ModelPrompt } from "./model-prompt.ts";
import { estimateParts, estimatePrompt, estimateText } from "./token-estimate.ts";

/** How much a model can be told at once, in tokens. What an endpoint counts corrects the estimate, for all sessions of the process. */
export interface ModelBudget {
  /** The most tokens of a prompt: what is left of the context beside the answer. */
  readonly room: number;
  /** How many tokens a summary is to have. */
  readonly summaryTokens: number;
  /** The most tokens of the answer that holds one, with what a model may think before; undefined: what the endpoint uses. */
  readonly maxSummaryTokens: number | undefined;
  /** The most tokens of a prompt that asks for one. */
  readonly summaryRoom: number;
  ofPrompt(prompt: ModelPrompt): number;
  ofParts(parts: readonly ModelContentPart[]): number;
  ofText(text: string): number;
  /** The endpoint has counted the tokens of a prompt and of tools that were described in so many characters. */
  learn(prompt: ModelPrompt, toolText: string, countedTokens: number): void;
}

/** Room for an answer where nothing says how long one may be; of a short context a quarter. */
const ANSWER_TOKENS = 4_096;

const MAX_SUMMARY_TOKENS = 2_000;

/** In less, what an endpoint adds of its own weighs too much. */
const TELLING_TOKENS = 2_000;

const MAX_FACTOR = 4;

export function createModelBudget({
  contextTokens,
  maxOutputTokens,
}: {
  readonly contextTokens: number;
  readonly maxOutputTokens: number | undefined;
}): ModelBudget {
  const answerTokens =
    maxOutputTokens === undefined
      ? Math.min(ANSWER_TOKENS, Math.floor(contextTokens / 4))
      : Math.min(maxOutputTokens, Math.floor(contextTokens / 2));
  const room = contextTokens - answerTokens;
  const summaryTokens = Math.min(MAX_SUMMARY_TOKENS, Math.floor(room / 8));
  const maxSummaryTokens = maxOutputTokens === undefined ? undefined : Math.max(answerTokens, 4 * summaryTokens);
  let factor = 1;
  const corrected = (tokens: number): number => Math.ceil(tokens * factor);

  return {
    room,
    summaryTokens,
    maxSummaryTokens,
    summaryRoom: contextTokens - (maxSummaryTokens ?? Math.max(answerTokens, 2 * summaryTokens)),
    ofPrompt: (prompt) => corrected(estimatePrompt(prompt)),
    ofParts: (parts) => corrected(estimateParts(parts)),
    ofText: (text) => corrected(estimateText(text)),
    learn: (prompt, toolText, countedTokens) => {
      // What a file takes says nothing about words.
      if (hasFiles(prompt)) return;
      const estimated = estimatePrompt(prompt) + estimateText(toolText);
      // Only upwards: some endpoints leave out of their count what they still knew from the last prompt.
      if (estimated >= TELLING_TOKENS) factor = Math.min(MAX_FACTOR, Math.max(1, countedTokens / estimated));
    },
  };
}
