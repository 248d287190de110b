import type { MessageEvent } from "../access/access.ts";
import { chosenText, mayBeChoice } from "../core/question.ts";
import type { QuestionReader, QuestionStore } from "../store/question-store.ts";
import type { SessionStore } from "../store/store.ts";

export interface QuestionPorts extends Pick<QuestionStore, "answerQuestion"> {
  readonly reader: Pick<QuestionReader, "openQuestion">;
}

/** What is said of an answer: it counts as a command, which acts once however often it is delivered. */
export interface AnswerGiven {
  readonly outcome: "command";
  readonly name: "answer";
  readonly reply: string;
  readonly duplicate: boolean;
}

/** Takes what was said as the answer to the open question of its session; null when it is none. */
export async function takeAnswer(
  { answerQuestion }: Pick<QuestionPorts, "answerQuestion">,
  { source, eventId, text, attachments = [] }: MessageEvent,
): Promise<AnswerGiven | null> {
  if (attachments.length > 0 || !mayBeChoice(text)) return null;
  const given = await answerQuestion({ source }, { by: source.user, choice: text }, { source, eventId });
  switch (given.outcome) {
    case "answered": {
      const { choices, choice } = given.question;
      const chosen = choices.find(({ id }) => id === choice);
      return {
        outcome: "command",
        name: "answer",
        reply: chosen === undefined ? "" : chosenText(chosen),
        duplicate: false,
      };
    }
    case "duplicate":
      return { outcome: "command", name: "answer", reply: "This was answered already.", duplicate: true };
    case "none":
    case "unfit":
      return null;
  }
}

/** Whether a question is open in the session of what was said, which is short enough to answer it. */
export async function mayAnswer(
  { reader }: Pick<QuestionPorts, "reader">,
  store: Pick<SessionStore, "getOrCreate">,
  { source, text }: MessageEvent,
): Promise<boolean> {
  if (!mayBeChoice(text)) return false;
  const session = await store.getOrCreate(source);
  return session.persisted && (await reader.openQuestion(session.id)) !== null;
}
