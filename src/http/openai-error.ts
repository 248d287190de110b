/** Errors on `/v1` in the shape that clients of OpenAI's API read. */
import { z } from "zod";
import { jsonResponse } from "./json-response.ts";
import type { ProblemError, ProblemName } from "./problem.ts";

/** What programs tell errors apart by, each with its status; listed in `docs/guide/openai-api.md`. */
export const OPENAI_ERRORS = {
  invalid_request: 400,
  invalid_value: 400,
  unsupported_parameter: 400,
  unsupported_role: 400,
  no_user_message: 400,
  too_many_messages: 400,
  mutually_exclusive_parameters: 400,
  mismatched_conversation: 400,
  not_the_last_response: 400,
  conversation_ended: 400,
  context_length_exceeded: 400,
  foreign_host: 400,
  invalid_api_key: 401,
  model_not_found: 404,
  previous_response_not_found: 404,
  unknown_url: 404,
  idempotency_conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_waiting: 429,
  session_full: 429,
  internal: 500,
  turn_failed: 502,
  turn_cancelled: 502,
  agent_failed: 502,
  reply_differs: 502,
  unavailable: 503,
} as const;

export type OpenAiErrorCode = keyof typeof OPENAI_ERRORS;

const TYPES = ["invalid_request_error", "rate_limit_error", "server_error"] as const;

export interface OpenAiErrorOptions {
  /** The field of the request that is wrong. Default: none. */
  readonly param?: string | null;
  /** Whether the official clients may send the call again by themselves. Default: they decide by the status. */
  readonly mayRetry?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export const OPENAI_ERROR: z.ZodObject = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(TYPES),
    param: z.string().nullable().describe("The field of the request that is wrong."),
    code: z.string(),
  }),
});

/** Leaves a route of `/v1` with an error. */
export class OpenAiError extends Error {
  override readonly name = "OpenAiError";
  readonly code: OpenAiErrorCode;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: OpenAiErrorCode, message: string, options: OpenAiErrorOptions = {}) {
    super(message);
    const { param = null, mayRetry, headers = {} } = options;
    this.code = code;
    this.param = param;
    this.headers = { ...headers, ...(mayRetry === undefined ? {} : { "x-should-retry": String(mayRetry) }) };
  }

  toBody(): object {
    const { message, code, param } = this;
    return { error: { message, type: typeOf(OPENAI_ERRORS[code]), param, code } };
  }

  toResponse(): Response {
    return jsonResponse(OPENAI_ERRORS[this.code], this.toBody(), this.headers);
  }
}

/** Whether a path answers as OpenAI's API does. */
export function isOpenAiPath(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

/** The same problem for a client of OpenAI's API. */
export function openAiErrorOf({ problem, message, options }: ProblemError): OpenAiError {
  const part = options.errors?.[0]?.path.replace(/^(?:body|query)\.?/, "");
  return new OpenAiError(CODES[problem] ?? "invalid_request", message, {
    param: part === undefined || part === "" ? null : part,
    headers: options.headers ?? {},
    // Sent again, it would be the same conflict, and the clients repeat a 409 otherwise.
    ...(problem === "conflict" ? { mayRetry: false } : {}),
  });
}

/** Problems that no route of `/v1` has are left out. */
const CODES: Readonly<Partial<Record<ProblemName, OpenAiErrorCode>>> = {
  "invalid-request": "invalid_request",
  "foreign-host": "foreign_host",
  unauthorized: "invalid_api_key",
  "not-found": "unknown_url",
  conflict: "idempotency_conflict",
  gone: "gone",
  "too-large": "too_large",
  "unsupported-media-type": "unsupported_media_type",
  "too-many-waiting": "too_many_waiting",
  "session-full": "session_full",
  internal: "internal",
  unavailable: "unavailable",
};

function typeOf(status: number): (typeof TYPES)[number] {
  if (status >= 500) return "server_error";
  return status === 429 ? "rate_limit_error" : "invalid_request_error";
}
