/** Questions that a running turn puts to the person it answers. */
import type { Asked, Question } from "../core/question.ts";
import type { Source } from "../core/source.ts";
import type { Lease } from "../core/turn.ts";
import type { Command } from "./store.ts";

export interface QuestionStore {
  /**
   * Asks, in one fenced transaction: the question, the entry that shows it, and a delivery of each piece. One of
   * the same turn that is still open is withdrawn. Called again with the same id, it returns the question as it
   * stands.
   *
   * @throws ParlorError `INVALID_INPUT` for a question that cannot be shown.
   */
  askQuestion(
    lease: Lease,
    question: Asked & {
      readonly id: string;
      /** What is sent of it to where the messages came from, in order. */
      readonly pieces: readonly string[];
      /** Epoch milliseconds. */
      readonly expiresAt: number;
    },
  ): Promise<AskOutcome>;

  /**
   * Answers the open question of a source's live session, or the one of this id, with what was typed: the number
   * or the label of a choice. The answer stands in the transcript. Only the people whose messages the turn answers
   * may, and the operator.
   */
  answerQuestion(
    ref: QuestionRef,
    answer: {
      /** The person who typed it; null: the operator. */
      readonly by: string | null;
      readonly choice: string;
    },
    command?: Command,
  ): Promise<AnswerOutcome>;

  /** Ends the time of a question: open, it is expired. Returns it as it stands then; null when it was erased. */
  expireQuestion(questionId: string): Promise<Question | null>;
}

export type QuestionRef = { readonly source: Source } | { readonly questionId: string };

export type AskOutcome = { readonly outcome: "asked"; readonly question: Question } | { readonly outcome: "lost" };

export type AnswerOutcome =
  | { readonly outcome: "answered"; readonly question: Question }
  /** No question is open, or its time is over. */
  | { readonly outcome: "none" }
  /** That is not a choice, or not theirs to make. */
  | { readonly outcome: "unfit" }
  /** Answered by this command before. */
  | { readonly outcome: "duplicate" };

export interface QuestionReader {
  /** Null when it was never asked, or erased with its session. */
  question(id: string): Promise<Question | null>;

  /** The question that a running turn of the session waits for; null when there is none. */
  openQuestion(sessionId: string): Promise<Question | null>;
}
