import { jsonResponse } from "./json-response.ts";

/** Errors as problem documents (RFC 9457). Each name is one kind, stable, and listed in `docs/reference/http.md`. */
export type ProblemName =
  | "invalid-request"
  | "foreign-host"
  | "unauthorized"
  | "not-found"
  | "conflict"
  | "question-closed"
  | "gone"
  | "too-large"
  | "unsupported-media-type"
  | "too-many-waiting"
  | "session-full"
  | "too-many-readers"
  | "too-many-attempts"
  | "internal"
  | "unavailable";

export const PROBLEMS: Readonly<Record<ProblemName, { readonly status: number; readonly title: string }>> = {
  "invalid-request": { status: 400, title: "The request is not what this route expects" },
  "foreign-host": { status: 400, title: "The request names a host or an origin that is not served here" },
  unauthorized: { status: 401, title: "The request is not authorized" },
  "not-found": { status: 404, title: "There is no such thing" },
  conflict: { status: 409, title: "The id was used before with another body" },
  "question-closed": { status: 409, title: "The question is not open any more" },
  gone: { status: 410, title: "It was erased" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body has to be JSON" },
  "too-many-waiting": { status: 429, title: "Too many requests wait for a reply" },
  "session-full": { status: 429, title: "Too many messages wait in this session" },
  "too-many-readers": { status: 429, title: "Too many readers follow the events" },
  "too-many-attempts": { status: 429, title: "Too many wrong links were tried" },
  internal: { status: 500, title: "Something is broken in the gateway" },
  unavailable: { status: 503, title: "The store cannot be reached at the moment" },
};

/** What is wrong with one part of a request. */
export interface InvalidPart {
  /** Where it stands, such as `body.from` or `query.limit`. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly InvalidPart[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Leaves a route with a problem document. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: ProblemName;
  readonly options: ProblemOptions;

  constructor(problem: ProblemName, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.problem = problem;
    this.options = options;
  }

  toResponse(): Response {
    const { status, title } = PROBLEMS[this.problem];
    const { errors, headers } = this.options;
    const document = {
      type: `urn:parlor:problem:${this.problem}`,
      title,
      status,
      detail: this.message,
      ...(errors === undefined ? {} : { errors }),
    };
    return jsonResponse(status, document, { "content-type": "application/problem+json", ...headers });
  }
}
