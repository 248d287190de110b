import { ParlorError } from "../core/errors.ts";
import type { RetryTurnOutcome } from "../store/repair-store.ts";

type Refused = Exclude<RetryTurnOutcome, { outcome: "retried" | "duplicate" }>;

/** Why a turn cannot be had, or not be retried. */
export function turnFault(refused: Refused, id: string): ParlorError {
  switch (refused.outcome) {
    case "missing":
      return new ParlorError(
        "NOT_FOUND",
        `There is no turn ${JSON.stringify(id)}. Give a whole id; parlor turns list shows them. Those of erased sessions are gone.`,
      );
    case "ended":
      return new ParlorError(
        "GONE",
        `The life of session ${refused.sessionId} is over, and nothing more is said in it. Ask for the message to be sent again.`,
      );
    case "busy":
      return new ParlorError(
        "INVALID_INPUT",
        `Another turn of its session, ${refused.turnId}, is not over yet. Wait for its end, or end it with parlor turns cancel.`,
      );
    case "unfit":
      return new ParlorError(
        "INVALID_INPUT",
        `Only a turn that is dead can be retried; ${id} is ${refused.state}. parlor turns list --state dead shows those that are.`,
      );
  }
}
