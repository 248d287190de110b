/**
 * What a client may ask for and cannot have. A parameter that would change what the answer means is
 * refused; one that only tunes how it comes about (`temperature`, `max_tokens`, `seed` …) is left to the
 * agent, and so is every field that is not known.
 */
import { OpenAiError } from "./openai-error.ts";

type Body = Readonly<Record<string, unknown>>;

interface Refusal {
  readonly param: string;
  readonly isAsked: (body: Body) => boolean;
  readonly why: string;
}

const OWN_TOOLS = "The agent has its own tools; a client cannot add any.";
const TEXT_ONLY = "The agent answers in plain text; no other format is promised.";
const NO_LOGPROBS = "The agent does not tell the probabilities of its tokens.";

export const CHAT_REFUSALS: readonly Refusal[] = [
  { param: "tools", isAsked: ({ tools }) => isFilled(tools), why: OWN_TOOLS },
  { param: "functions", isAsked: ({ functions }) => isFilled(functions), why: OWN_TOOLS },
  { param: "n", isAsked: ({ n }) => isGiven(n) && n !== 1, why: "There is one answer to a message." },
  { param: "logprobs", isAsked: ({ logprobs }) => isGiven(logprobs) && logprobs !== false, why: NO_LOGPROBS },
  { param: "top_logprobs", isAsked: asksTopLogprobs, why: NO_LOGPROBS },
  { param: "modalities", isAsked: ({ modalities }) => isOtherThanText(modalities), why: "The agent answers in text." },
  { param: "audio", isAsked: ({ audio }) => isGiven(audio), why: "The agent answers in text." },
  { param: "response_format", isAsked: (body) => isOtherFormat(body["response_format"]), why: TEXT_ONLY },
  { param: "stop", isAsked: ({ stop }) => isFilled(stop), why: "An answer is not cut at a word." },
  { param: "web_search_options", isAsked: (body) => isGiven(body["web_search_options"]), why: OWN_TOOLS },
];

export const RESPONSE_REFUSALS: readonly Refusal[] = [
  { param: "tools", isAsked: ({ tools }) => isFilled(tools), why: OWN_TOOLS },
  { param: "top_logprobs", isAsked: asksTopLogprobs, why: NO_LOGPROBS },
  { param: "include", isAsked: ({ include }) => asksLogprobs(include), why: NO_LOGPROBS },
  {
    param: "text.format",
    isAsked: ({ text }) => isOtherFormat((text as Body | null | undefined)?.["format"]),
    why: TEXT_ONLY,
  },
  {
    param: "background",
    isAsked: ({ background }) => background === true,
    why: "A response is waited for or streamed.",
  },
  { param: "prompt", isAsked: ({ prompt }) => isGiven(prompt), why: "There are no stored prompts." },
];

/**
 * Checks what a client asks for.
 *
 * @throws OpenAiError `unsupported_parameter` that names the first one that cannot be had.
 */
export function refuse(body: Body, refusals: readonly Refusal[]): void {
  const refused = refusals.find(({ isAsked }) => isAsked(body));
  if (refused === undefined) return;
  const { param, why } = refused;
  throw new OpenAiError("unsupported_parameter", `${param}: ${why} Leave it out.`, { param });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) || typeof value === "string" ? value.length > 0 : isGiven(value);
}

function isOtherThanText(value: unknown): boolean {
  return Array.isArray(value) ? value.some((mode) => mode !== "text") : isGiven(value);
}

function isOtherFormat(value: unknown): boolean {
  return isGiven(value) && (typeof value !== "object" || (value as Body)["type"] !== "text");
}

function asksTopLogprobs(body: Body): boolean {
  return isGiven(body["top_logprobs"]) && body["top_logprobs"] !== 0;
}

function asksLogprobs(value: unknown): boolean {
  return Array.isArray(value) && value.includes("message.output_text.logprobs");
}
