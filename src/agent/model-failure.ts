/** Reads what the AI SDK throws. Its messages quote requests and responses, so none is ever passed on. */
import { MAX_RETRY_AFTER_MS, readRetryAfter } from "../lib/retry-after.ts";
import { networkReason } from "./network-reason.ts";

export type ModelFailure =
  /** No response came. `reason` is such as `connection refused`. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The endpoint said no. */
  | {
      readonly kind: "refused";
      /** Null when the refusal stood in the middle of an answer. */
      readonly status: number | null;
      /** The endpoint's own names for the fault, such as `invalid_request_error`. */
      readonly codes: readonly string[];
      /** What the endpoint said: to recognise a fault by, not to show. */
      readonly details: string;
      readonly retryAfterMs: number | null;
    }
  /** The answer ended in the middle. */
  | { readonly kind: "broken" }
  /** The answer is in no form we know. */
  | { readonly kind: "unreadable" }
  /** Nothing the endpoint did. */
  | { readonly kind: "internal" };

const CODE = /^[A-Za-z][\w.-]{0,63}$/;

/** `nowMs`: the endpoint may say until when. */
export function readFailure(thrown: unknown, nowMs: number): ModelFailure {
  const error = record(thrown);
  const status = typeof error["statusCode"] === "number" ? error["statusCode"] : null;
  const network = networkReason(thrown);
  if (network !== null) return status === null ? { kind: "unreachable", reason: network } : { kind: "broken" };
  if (endedEarly(error["name"])) return { kind: "broken" };
  if ((status !== null && status >= 400) || error["name"] === "AI_StreamProviderError")
    return refusal(error, status, nowMs);
  return { kind: /^(AI_|SyntaxError$)/.test(String(error["name"])) ? "unreadable" : "internal" };
}

function refusal(error: Record<string, unknown>, status: number | null, nowMs: number): ModelFailure {
  const body = typeof error["responseBody"] === "string" ? error["responseBody"] : JSON.stringify(error["data"] ?? {});
  const said = [record(parse(body)["error"]), error];
  const codes = said
    .flatMap(({ code, type }) => [code, type])
    .filter((word): word is string => typeof word === "string" && CODE.test(word));
  return {
    kind: "refused",
    status,
    codes: [...new Set(codes)],
    details: `${codes.join(" ")} ${String(error["message"])} ${body}`.slice(0, 10_000),
    retryAfterMs: retryAfterMs(record(error["responseHeaders"]), nowMs),
  };
}

function endedEarly(name: unknown): boolean {
  return name === "AI_InvalidResponseDataError" || name === "AI_NoOutputGeneratedError";
}

function retryAfterMs(headers: Record<string, unknown>, nowMs: number): number | null {
  const ms = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (ms >= 0) return Math.min(ms, MAX_RETRY_AFTER_MS);
  const header = headers["retry-after"];
  return typeof header === "string" ? readRetryAfter(header, nowMs) : null;
}

function parse(json: string): Record<string, unknown> {
  try {
    return record(JSON.parse(json));
  } catch {
    // An endpoint may answer a fault with a page for people: then there is no code to read.
    return {};
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
