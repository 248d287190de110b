/** What the routes that change a session answer, by address and by id alike. */
import { z } from "zod";
import type { ResetOutcome, UpdateOutcome } from "../store/store.ts";
import { jsonResponse } from "./json-response.ts";
import { ProblemError } from "./problem.ts";
import { SESSION_VIEW, sessionView } from "./session-view.ts";

export const PATCH_BODY: z.ZodType<{ readonly title: string | null }> = z.strictObject({
  title: z.string().max(200).nullable().describe("null removes it."),
});

export const RESET_ANSWER: z.ZodObject = z.strictObject({
  reset: z.boolean().describe("Whether a life was ended. A draft, and a life that is over, are left as they are."),
  session: SESSION_VIEW,
  next: SESSION_VIEW.nullable().describe("The draft that the next message opens; null when nothing was ended."),
  cancelled: z.int().describe("How many messages will not be answered."),
});

export function updateAnswer(outcome: UpdateOutcome): Response {
  switch (outcome.outcome) {
    case "updated":
    case "noted":
      return jsonResponse(200, sessionView(outcome.session));
    case "gone":
      throw goneSession();
    case "missing":
    case "duplicate":
      throw missingSession();
  }
}

export function resetAnswer(outcome: ResetOutcome): Response {
  switch (outcome.outcome) {
    case "reset": {
      const { ended, draft, cancelled } = outcome;
      return jsonResponse(200, { reset: true, session: sessionView(ended), next: sessionView(draft), cancelled });
    }
    case "unchanged":
      return jsonResponse(200, { reset: false, session: sessionView(outcome.session), next: null, cancelled: 0 });
    case "gone":
      throw goneSession();
    case "missing":
    case "duplicate":
      throw missingSession();
  }
}

export function missingSession(): ProblemError {
  return new ProblemError(
    "not-found",
    "No session with this id was ever stored. A draft is found by its chat, not by its id.",
  );
}

export function goneSession(): ProblemError {
  return new ProblemError("gone", "This session was erased.");
}
