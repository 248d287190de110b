import { z } from "zod";
import type { Question } from "../core/question.ts";
import { jsonResponse } from "./json-response.ts";
import { ProblemError } from "./problem.ts";
import { QUESTION_VIEW, questionView } from "./question-view.ts";
import { parseJson, readBody } from "./request-body.ts";
import { pathParameter } from "./route.ts";
import type { Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { goneSession, missingSession } from "./session-answer.ts";
import { validate } from "./validate.ts";

const ANSWER_BODY = z.strictObject({
  questionId: z.string().min(1),
  choice: z.string().min(1).describe("The id of one of its choices."),
});

/** What an agent asks in a stored session, and the operator's answer to it. */
export function questionRoutes(tools: RouteTools): readonly Route[] {
  const { sessions, reader } = tools.ports;

  /** @throws ProblemError for a session that is not stored. */
  const checkSession = async (id: string): Promise<void> => {
    const found = await reader.get(id);
    if (found.outcome !== "found") throw found.outcome === "gone" ? goneSession() : missingSession();
  };

  const answer = async (question: Question, choice: string): Promise<Question> => {
    const number = question.choices.findIndex(({ id }) => id === choice) + 1;
    if (number === 0) {
      const message = "Expected the id of one of the question's choices";
      throw new ProblemError("invalid-request", "That is no choice of this question.", {
        errors: [{ path: "body.choice", message }],
      });
    }
    const given = await sessions.answerQuestion({ questionId: question.id }, { by: null, choice: String(number) });
    if (given.outcome === "answered") return given.question;
    const now = (await reader.question(question.id)) ?? question;
    // The answer to a call that was lost on its way is sent again.
    if (now.choice === choice) return now;
    throw new ProblemError(
      "question-closed",
      "The question is not open any more: it was answered, its time is over, or its turn has ended.",
    );
  };

  return [
    {
      method: "GET",
      path: "/api/sessions/{id}/question",
      summary: "The question that a running turn of a stored session waits for.",
      access: "token",
      answers: [
        {
          status: 200,
          summary: "The question; null when there is none.",
          schema: z.strictObject({ question: QUESTION_VIEW.nullable() }),
        },
      ],
      problems: ["foreign-host", "unauthorized", "not-found", "gone", "unavailable"],
      handle: async (context) => {
        const id = pathParameter(context, "id");
        await checkSession(id);
        const question = await reader.openQuestion(id);
        const isOpen = question !== null && question.expiresAt > tools.clock.now();
        return jsonResponse(200, { question: isOpen ? questionView(question) : null });
      },
    },
    {
      method: "POST",
      path: "/api/sessions/{id}/question",
      summary: "Answers a question in place of the person who was asked.",
      access: "token",
      body: ANSWER_BODY,
      answers: [
        { status: 200, summary: "The question, answered.", schema: z.strictObject({ question: QUESTION_VIEW }) },
      ],
      problems: [
        "invalid-request",
        "foreign-host",
        "unauthorized",
        "not-found",
        "question-closed",
        "gone",
        "too-large",
        "unsupported-media-type",
        "unavailable",
      ],
      handle: async (context) => {
        const id = pathParameter(context, "id");
        const bytes = await readBody(context.req.raw, context.env, tools.maxBodyBytes);
        const body = validate(ANSWER_BODY, parseJson(context.req.raw, bytes), "body");
        await checkSession(id);
        const question = await reader.question(body.questionId);
        if (question === null || question.sessionId !== id) {
          throw new ProblemError("not-found", "No question with this id was asked in this session.");
        }
        return jsonResponse(200, { question: questionView(await answer(question, body.choice)) });
      },
    },
  ];
}
