import { ParlorError } from "../core/errors.ts";
import { choiceOf, questionText } from "../core/question.ts";
import type { ChatEvent } from "./chat-event.ts";
import type { ChatPrompt } from "./chat-prompt.ts";
import { plainLine, plainText } from "./plain-text.ts";

export type AskedInChat = Extract<ChatEvent, { readonly type: "question" }>;

export interface QuestionOptions {
  readonly prompt: ChatPrompt;
  readonly question: AskedInChat;
  /** Aborted when there is nothing to answer any more. */
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
  readonly note: (text: string) => void;
  /** Makes a choice, by its id. */
  readonly choose: (id: string) => Promise<void>;
  /** Carries out a command; its answer. */
  readonly command: (text: string) => Promise<string>;
}

/** Has a question answered at the prompt: with a number or a label; a command works, too. `left`: nobody types any more. */
export async function answerAtPrompt(options: QuestionOptions): Promise<"over" | "left"> {
  const { prompt, question, signal, write, note, choose, command } = options;
  const { choices } = question;
  write(`${plainText(questionText(question))}\n`);
  for (;;) {
    const typed = await prompt.ask(signal);
    if (signal.aborted) return "over";
    if (typed === null) return "left";
    const text = typed.trim();
    if (text === "") continue;
    const choice = choiceOf(choices, text);
    try {
      if (choice !== null) {
        await choose(choice.id);
        note(`Chosen: ${plainLine(choice.label)}`);
        return "over";
      }
      if (text.startsWith("/")) write(`${plainText(await command(text))}\n`);
      else note(`Answer with a number from 1 to ${choices.length}, or end the turn with /stop.`);
    } catch (error) {
      if (!(error instanceof ParlorError)) throw error;
      // It may have been a bad moment: as long as it is open, it can be answered again.
      if (!signal.aborted) note(error.message);
    }
    if (signal.aborted) return "over";
  }
}
