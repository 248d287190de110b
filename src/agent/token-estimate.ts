/**
 * How many tokens a prompt has, roughly: a quarter of its characters, each Chinese, Japanese or Korean one as a
 * token of its own, and a flat figure for a file. Every model counts in its own way; what an endpoint has
 * counted corrects this (`ModelBudget`).
 */
import type { ModelContentPart } from "./model-content.ts";
import type { ModelPrompt } from "./model-prompt.ts";

const IMAGE_TOKENS = 1_600;
const FILE_TOKENS = 4_000;
/** What marks a message as one. */
const MESSAGE_TOKENS = 4;

const OWN_TOKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

export function estimateText(text: string): number {
  const rest = text.replaceAll(OWN_TOKEN, "");
  // Rare ones are two units of a string and often more than one token, too.
  return text.length - rest.length + Math.ceil(rest.length / 4);
}

/** One message with these parts. */
export function estimateParts(parts: readonly ModelContentPart[]): number {
  return parts.reduce((sum, part) => sum + estimatePart(part), MESSAGE_TOKENS);
}

export function estimatePrompt({ instructions, messages }: ModelPrompt): number {
  const contents = messages.map(({ content }) =>
    estimateParts(typeof content === "string" ? [{ type: "text", text: content }] : content),
  );
  return contents.reduce((sum, tokens) => sum + tokens, estimateText(instructions ?? "") + MESSAGE_TOKENS);
}

function estimatePart(part: ModelContentPart): number {
  if (part.type === "text") return estimateText(part.text);
  return part.mediaType.startsWith("image/") ? IMAGE_TOKENS : FILE_TOKENS;
}
