import { ParlorError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import { ProblemError } from "./problem.ts";
import type { ProblemName } from "./problem.ts";

const NAMES: Readonly<Partial<Record<ErrorCode, ProblemName>>> = {
  INVALID_INPUT: "invalid-request",
  NOT_FOUND: "not-found",
  GONE: "gone",
  STORE_UNAVAILABLE: "unavailable",
};

const RETRY_SOON = { "retry-after": "1" };

/**
 * The problem a thrown value is. A store that cannot be reached is 503, never 500: whether the call has
 * happened is unknown, and repeating it with the same id is safe. Null: nobody outside may see the cause.
 */
export function problemOf(thrown: unknown): ProblemError | null {
  if (thrown instanceof ProblemError) return thrown;
  if (!(thrown instanceof ParlorError)) return null;
  const name = NAMES[thrown.code] ?? (thrown.retryable ? "unavailable" : null);
  if (name === null) return null;
  return new ProblemError(name, thrown.message, name === "unavailable" ? { headers: RETRY_SOON } : {});
}
