/** Has a model write down, in short, what was said before: in several calls, where that is too long for one. */
import { AgentError, type AgentEntry, type AgentPart } from "./agent.ts";
import type { ModelBudget } from "./model-budget.ts";
import type { ModelPrompt } from "./model-prompt.ts";
import { nextPortion, summaryRequest } from "./summary-request.ts";

export interface SummaryScene {
  readonly budget: ModelBudget;
  /** How many tokens the summary is to have. */
  readonly summaryTokens: number;
  /** The most tokens of a prompt that asks for it. */
  readonly summaryRoom: number;
  /** The parts of one answer of the model to a prompt of ours. Throws an AgentError. */
  say(prompt: ModelPrompt): AsyncIterable<AgentPart>;
}

/** How much longer than it was asked for a summary may be. */
export const SUMMARY_SLACK = 2;

/** Under this a portion of what is to be summarised says too little. */
const LEAST_PORTION_TOKENS = 200;

/**
 * One summary of the previous one, if there is one, and of what was said after it. Yields what shows that the model
 * is at work and what that cost.
 *
 * @throws AgentError `context` when it is withheld, or when the endpoint finds every portion too long.
 */
export async function* summarise(
  previous: string | null,
  said: readonly AgentEntry[],
  { budget, summaryTokens, summaryRoom, say }: SummaryScene,
): AsyncGenerator<AgentPart, string> {
  const maxTokens = SUMMARY_SLACK * summaryTokens;
  const request = (before: string | null, entries: readonly AgentEntry[]): ModelPrompt =>
    summaryRequest(before, entries, summaryTokens);

  /** The summary so far with a portion more in it; null when it was withheld. */
  async function* draftOf(
    before: string | null,
    portion: readonly AgentEntry[],
  ): AsyncGenerator<AgentPart, Draft | null> {
    const draft = yield* written(say(request(before, portion)));
    if (draft === null || budget.ofText(draft.text) <= maxTokens) return draft;
    const mostTokens = summaryRoom - budget.ofPrompt(request("", []));
    const shorter = yield* written(say(request(shortened(draft, mostTokens, budget), [])));
    return shorter === null ? null : { text: shorter.text, isCut: shorter.isCut || draft.isCut };
  }

  const isLong = previous !== null && budget.ofText(previous) > maxTokens;
  let left = isLong ? [recordEntry(previous), ...said] : said;
  let summary = isLong ? null : previous;
  let acceptedTokens = Infinity;
  while (left.length > 0) {
    const spareTokens = Math.min(acceptedTokens, summaryRoom - budget.ofPrompt(request(summary, [])));
    const portionTokens = Math.max(spareTokens, LEAST_PORTION_TOKENS);
    const { portion, rest } = nextPortion(left, portionTokens, budget.ofText);
    let draft: Draft | null;
    try {
      draft = yield* draftOf(summary, portion);
    } catch (error) {
      const isTooLong = error instanceof AgentError && error.fault === "context";
      if (!isTooLong || portionTokens <= LEAST_PORTION_TOKENS) throw error;
      // The endpoint takes less than was configured.
      acceptedTokens = Math.floor(portionTokens / 2);
      continue;
    }
    if (draft === null) throw unsummarised();
    summary = shortened(draft, maxTokens, budget);
    left = rest;
  }
  return summary ?? "";
}

interface Draft {
  readonly text: string;
  /** Whether the answer ended at its most tokens. */
  readonly isCut: boolean;
}

/** The words of one answer, which nobody hears; null when they were withheld. */
async function* written(parts: AsyncIterable<AgentPart>): AsyncGenerator<AgentPart, Draft | null> {
  let text = "";
  let reason = "done";
  for await (const part of parts) {
    if (part.type === "usage") yield part;
    else if (part.type === "finish") reason = part.reason;
    else {
      if (part.type === "text") text += part.text;
      yield { type: "reasoning" };
    }
  }
  return reason === "filtered" ? null : { text: text.trim(), isCut: reason === "length" };
}

/** A model that keeps to no length must not fill the prompt. What is missing is said. */
function shortened({ text, isCut }: Draft, maxTokens: number, budget: ModelBudget): string {
  let end = text.length;
  while (end > 0 && budget.ofText(text.slice(0, end)) > maxTokens) end = Math.floor(end * 0.9);
  if (end === text.length && !isCut) return text;
  return `${text.slice(0, end).toWellFormed().trimEnd()}\n(The rest of this summary was too long and is left out.)`;
}

/** A summary that is too long to be gone on with is summarised like what was said. */
function recordEntry(summary: string): AgentEntry {
  return {
    seq: null,
    role: "assistant",
    text: `(What was said before, in short:)\n${summary}`,
    attachments: [],
    sender: null,
  };
}

function unsummarised(): AgentError {
  return new AgentError(
    "The conversation is too long, and the endpoint's content filter keeps it from being summarised. Reset the session.",
    { fault: "context", retryable: false },
  );
}
