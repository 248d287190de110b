import { ParlorError, errorMessage } from "../core/errors.ts";

/** What is said of a command that failed. */
export interface Failure {
  /** The code of a `ParlorError`, `USAGE`, or `INTERNAL`. */
  readonly code: string;
  readonly message: string;
}

/** A fault that Parlor has words for says them; any other is a defect, whose place only a developer needs. */
export function failureOf(error: unknown, isVerbose: boolean): Failure {
  if (error instanceof ParlorError) return { code: error.code, message: error.message };
  const place = isVerbose && error instanceof Error ? error.stack : undefined;
  return {
    code: "INTERNAL",
    message: `Parlor met a fault it does not know: ${place ?? `${errorMessage(error)} (LOG_LEVEL=debug shows where.)`}`,
  };
}
