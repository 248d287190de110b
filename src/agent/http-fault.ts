/**
 * Says what is wrong with an HTTP agent, in one line that an operator can act on. What an endpoint says in
 * prose is never repeated: it may quote what a person said.
 */
import { AgentError } from "./agent.ts";
import { PrivateAddressError } from "./http-connection.ts";
import { networkReason } from "./network-reason.ts";

/** Statuses about the moment, among those that blame the question. */
const MOMENTARY: readonly number[] = [408, 425, 429];

/** The fault of a response that is no answer. */
export function statusFault(origin: string, status: number, retryAfterMs: number | null): AgentError {
  if (status >= 500 || MOMENTARY.includes(status)) {
    const what = status === 429 ? "answers no more requests for now" : "failed";
    const fault = status === 429 ? "quota" : "unavailable";
    return new AgentError(`${origin} ${what} (${status}).`, { fault, retryable: true, retryAfterMs });
  }
  const fault = status === 413 ? "context" : "refused";
  return new AgentError(`${origin} ${permanentReason(status)}`, { fault, retryable: false });
}

function permanentReason(status: number): string {
  if (status < 300) return `answered ${status} without an answer; it has to answer 200, with JSON or an event stream.`;
  if (status < 400) return `answered ${status}. Redirects are not followed: set agent.url to the final address.`;
  switch (status) {
    case 401:
    case 403:
      return `did not accept the question (${status}). Does it check signatures with the secret in PARLOR_AGENT_SECRET?`;
    case 404:
    case 405:
    case 410:
      return `takes no questions at the path of agent.url (${status}). Set agent.url to where it does.`;
    case 413:
      return `finds the conversation too long (${status}). Reset the session, or let it take more.`;
    default:
      return `did not accept the question (${status}). Its own log says why.`;
  }
}

/** The fault of a connection, or of whatever else was thrown on the way. */
export function connectionFault(origin: string, thrown: unknown, isAnswering: boolean): AgentError {
  if (thrown instanceof AgentError) return thrown;
  if (thrown instanceof PrivateAddressError) {
    return permanent(
      `${origin} is at ${thrown.address}, which is not a public address. If that is meant, set agent.allowPrivate to true.`,
    );
  }
  const reason = networkReason(thrown);
  if (reason !== null) {
    const what = isAnswering ? `The answer from ${origin} ended before it was complete` : `No answer from ${origin}`;
    return new AgentError(`${what} (${reason}).`, { retryable: true });
  }
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code.startsWith("HPE_")) {
    return new AgentError(`${origin} answered something that is not HTTP (${code}).`, { retryable: true });
  }
  return new AgentError("The HTTP agent met a fault of its own.", { retryable: true, cause: thrown });
}

function permanent(message: string): AgentError {
  return new AgentError(message, { retryable: false });
}
