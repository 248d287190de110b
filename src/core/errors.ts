/** Every fault Parlor throws carries one of these codes; `docs/reference/errors.md` says what to do about each. */
export const ERROR_CODES = [
  "INVALID_INPUT",
  "INVALID_CONFIG",
  "NOT_FOUND",
  "GONE",
  "STORE_UNAVAILABLE",
  "STORE_MISSING",
  "STORE_TOO_NEW",
  "START_FAILED",
  "UNIT_FAILED",
  "PLATFORM_UNAVAILABLE",
  "GATEWAY_UNREACHABLE",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ParlorErrorOptions {
  /** Whether the same call may succeed later without a change. Default: false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The one class of error that Parlor throws. The message says what was expected, what was found
 * and what to do; it never holds message text or a secret.
 */
export class ParlorError extends Error {
  override readonly name = "ParlorError";
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ParlorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything that was thrown; never empty, and never an error itself. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  try {
    return String(thrown) || "an empty value was thrown";
  } catch {
    return "a value without a text form was thrown";
  }
}
