/** A question of an agent as callers see it. */
import { z } from "zod";
import { QUESTION_STATES, type Question } from "../core/question.ts";

export const QUESTION_VIEW: z.ZodObject = z.strictObject({
  id: z.string(),
  turn: z.string().describe("The id of the turn that waits for the answer."),
  seq: z.int().describe("The entry of the transcript that shows it."),
  text: z.string().describe("What is asked: words of an agent, to be shown as plain text."),
  choices: z.array(z.strictObject({ id: z.string(), label: z.string() })),
  state: z.enum(QUESTION_STATES),
  choice: z.string().nullable().describe("The id of the choice that was made; null while none was."),
  askedAt: z.int().describe("Epoch milliseconds."),
  expiresAt: z.int().describe("From when on it cannot be answered, in epoch milliseconds."),
});

export function questionView(question: Question): Readonly<Record<string, unknown>> {
  const { id, turnId: turn, seq, text, choices, state, choice, askedAt, expiresAt } = question;
  return { id, turn, seq, text, choices, state, choice, askedAt, expiresAt };
}
