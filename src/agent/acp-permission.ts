/** A request for permission, as a question to the person who is answered. */
import type { PermissionOption, RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import { isBlank } from "../core/message.ts";
import { cleanName } from "../core/source.ts";
import type { AgentChoice, AgentQuestion } from "./agent.ts";

/** Nobody has chosen. */
export const NOT_CHOSEN: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

/** No question has more choices. */
const MAX_CHOICES = 10;
const MAX_LABEL = 100;
/** Longer than what is asked in earnest; what is cut off is said to be. */
const MAX_TITLE = 1_500;
/** Turns the reading around: a command would be read as another one. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Null when there is nothing to choose.
 *
 * @param toldTitle - What the call was said to do before, if the request itself does not say so.
 */
export function permissionQuestion(request: RequestPermissionRequest, toldTitle: string | null): AgentQuestion | null {
  const { toolCall } = request;
  const options = chosenOptions(request.options);
  if (options.length === 0) return null;
  const said = shownAs((toolCall.title ?? toldTitle ?? "").replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim());
  const title = said || toolCall.kind || "a tool";
  const shown =
    title.length > MAX_TITLE ? `${title.slice(0, MAX_TITLE)}… (${title.length - MAX_TITLE} more characters)` : title;
  const choices = options.map((option, index) => ({
    id: option.optionId,
    label: shownAs(cleanName(option.name) ?? "").slice(0, MAX_LABEL) || `Choice ${index + 1}`,
  }));
  const [only] = choices;
  return {
    text: `The agent asks for permission: ${shown}`,
    choices: choices.length === 1 ? [...choices, { id: `not ${only?.id}`, label: "No" }] : choices,
  };
}

export function permissionAnswer(
  { options }: RequestPermissionRequest,
  choice: AgentChoice,
): RequestPermissionResponse {
  const isOption = choice.outcome === "chosen" && options.some((option) => option.optionId === choice.id);
  return isOption ? { outcome: { outcome: "selected", optionId: choice.id } } : NOT_CHOSEN;
}

/** The answer where nothing is permitted: once where that can be said, so that nothing is remembered. */
export function refusePermission({ options }: RequestPermissionRequest): RequestPermissionResponse {
  const option = options.find(({ kind }) => kind === "reject_once") ?? options.find(isRejection);
  return option === undefined ? NOT_CHOSEN : { outcome: { outcome: "selected", optionId: option.optionId } };
}

/** Empty when nobody could read anything in it. */
function shownAs(text: string): string {
  return isBlank(text)
    ? ""
    : text.replaceAll(TURNING, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The first ones that can be told apart; one that rejects is among them if there is any. */
function chosenOptions(given: readonly PermissionOption[]): readonly PermissionOption[] {
  const options = given.filter(
    ({ optionId }, index) => optionId !== "" && given.findIndex((other) => other.optionId === optionId) === index,
  );
  const first = options.slice(0, MAX_CHOICES);
  const rejection = options.find(isRejection);
  return rejection === undefined || first.includes(rejection) ? first : [...first.slice(0, -1), rejection];
}

function isRejection({ kind }: PermissionOption): boolean {
  return kind === "reject_once" || kind === "reject_always";
}
