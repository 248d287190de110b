/**
 * A question is what the agent asks the person it answers, in the middle of its turn: a text and a few
 * choices. It belongs to one attempt of a turn.
 *
 *     open ──the person chose──▶ answered
 *       ├──nobody chose in time──▶ expired
 *       └──the turn ended, was cancelled, or is attempted again──▶ withdrawn
 */
import { ParlorError } from "./errors.ts";
import { isBlank, storableText } from "./message.ts";

export const QUESTION_STATES = ["open", "answered", "expired", "withdrawn"] as const;

export type QuestionState = (typeof QUESTION_STATES)[number];

/** Whether a question may go from one state to the other: each ends once. */
export function canQuestionBecome(from: QuestionState, to: QuestionState): boolean {
  return from === "open" && to !== "open";
}

/** What can be chosen. */
export interface Choice {
  /** What the agent calls it. */
  readonly id: string;
  /** What a person reads. */
  readonly label: string;
}

export interface Question {
  readonly id: string;
  readonly sessionId: string;
  readonly turnId: string;
  /** The entry of the transcript that shows it. */
  readonly seq: number;
  /** What is asked, without the choices. Words of an agent: shown as plain text, and never trusted. */
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly state: QuestionState;
  /** The id of the choice that was made; null unless `answered`. */
  readonly choice: string | null;
  /** The entry of the transcript that shows the choice; null unless `answered`. */
  readonly answerSeq: number | null;
  /** Who chose; null unless `answered`, and for the operator. */
  readonly answeredBy: string | null;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  /** From when on it cannot be answered, in epoch milliseconds. */
  readonly expiresAt: number;
}

const MIN_CHOICES = 2;
const MAX_CHOICES = 10;
const MAX_LABEL_LENGTH = 500;
const MAX_TEXT_LENGTH = 10_000;

/** What an agent wants to ask. */
export type Asked = Pick<Question, "text" | "choices">;

/**
 * The question as it is stored and shown: a label is one line without control characters.
 *
 * @throws ParlorError `INVALID_INPUT` for a question without text, longer than 10,000 characters, with fewer
 * than two or more than ten choices, or with a choice whose id is not its own or whose label is blank or longer
 * than 500 characters.
 */
export function checkQuestion({ text, choices }: Asked): Asked {
  if (isBlank(text) || text.length > MAX_TEXT_LENGTH) {
    throw unfit(`A question has a text of 1 to ${MAX_TEXT_LENGTH} characters; found ${text.length}.`);
  }
  if (choices.length < MIN_CHOICES || choices.length > MAX_CHOICES) {
    throw unfit(`A question has ${MIN_CHOICES} to ${MAX_CHOICES} choices; found ${choices.length}.`);
  }
  if (new Set(choices.map(({ id }) => id)).size < choices.length || choices.some(({ id }) => id === "")) {
    throw unfit("Every choice of a question has an id of its own, which is not empty.");
  }
  const shown = choices.map(({ id, label }) => ({ id: storableText(id), label: oneLine(label) }));
  const wrong = shown.find(({ label }) => isBlank(label) || label.length > MAX_LABEL_LENGTH);
  if (wrong !== undefined) {
    throw unfit(`The label of a choice has 1 to ${MAX_LABEL_LENGTH} characters; found ${wrong.label.length}.`);
  }
  return { text: storableText(text).trim(), choices: shown };
}

/** The question as people read it. */
export function questionText({ text, choices }: Asked): string {
  const lines = choices.map(({ label }, index) => `${index + 1}. ${label}`);
  return [text, "", ...lines, "", "Answer with a number."].join("\n");
}

/** The choice as people read it in the transcript. */
export function chosenText({ label }: Choice): string {
  return `Chosen: ${label}`;
}

/**
 * What someone chose who typed this: its number, or else its label, in whatever case. Null: that is no choice, or
 * could be more than one.
 */
export function choiceOf(choices: readonly Choice[], typed: string): Choice | null {
  if (!mayBeChoice(typed)) return null;
  const said = folded(typed);
  const numbered = choices.find((_, index) => String(index + 1) === said);
  if (numbered !== undefined) return numbered;
  const [labelled, ...more] = choices.filter(({ label }) => folded(label) === said);
  return more.length === 0 ? (labelled ?? null) : null;
}

/** Whether this can be a choice of any question: it is short enough, and no command, whatever an agent calls its choices. */
export function mayBeChoice(typed: string): boolean {
  return typed.length <= 2 * MAX_LABEL_LENGTH && !typed.trimStart().startsWith("/");
}

function oneLine(label: string): string {
  return storableText(label)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}

function folded(text: string): string {
  return text.trim().normalize("NFC").toLowerCase();
}

function unfit(message: string): ParlorError {
  return new ParlorError("INVALID_INPUT", message);
}
