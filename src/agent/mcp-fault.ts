/**
 * Says what is wrong with an MCP server, in one line that an operator can act on. What a server says in
 * prose is never repeated there: it may quote what a person said.
 */
import { AgentError } from "./agent.ts";
import { PrivateAddressError } from "./http-connection.ts";
import { RedirectError } from "./mcp-fetch.ts";
import { networkReason } from "./network-reason.ts";

/** The variable that holds the bearer token of a server. */
function mcpTokenVariable(name: string): string {
  return `PARLOR_MCP_${name.toUpperCase().replaceAll("-", "_")}_TOKEN`;
}

/**
 * The fault of a turn whose tools are not there. A model without the tools that it was promised would
 * answer wrongly, so there is no answer.
 */
export function mcpFault(name: string, thrown: unknown): AgentError {
  if (thrown instanceof AgentError) {
    const { retryable, fault, retryAfterMs } = thrown;
    return new AgentError(`The MCP server "${name}" cannot be used. ${thrown.message}`, {
      retryable,
      fault,
      retryAfterMs,
    });
  }
  const { reason, advice, isPermanent = false } = reasonOf(name, thrown);
  return new AgentError(
    `The MCP server "${name}" cannot be used (${reason}).${advice === undefined ? "" : ` ${advice}`}`,
    { retryable: !isPermanent },
  );
}

/** Why a call came to nothing, as the model alone is told it: with the words of the server, as with any result. */
export function mcpCallReason(name: string, thrown: unknown): string {
  if (thrown instanceof AgentError) return "the server cannot be started";
  const { reason } = reasonOf(name, thrown);
  return isAnswer(thrown) ? `${reason}: ${thrown.message.slice(0, MAX_WORDS).toWellFormed()}` : reason;
}

/** Whether the server no longer knows the connection: it has done nothing then. */
export function isForgotten(thrown: unknown): boolean {
  return statusOf(thrown) === 404;
}

/** The same for a request that is the same every time: then a server that finds it bad means the connection, too. */
export function isForgottenOrBad(thrown: unknown): boolean {
  return isForgotten(thrown) || statusOf(thrown) === 400;
}

/** The most that a model is told of what a server said about a call, in UTF-16 units. */
const MAX_WORDS = 1_000;

interface Reason {
  readonly reason: string;
  readonly advice?: string;
  /** Another attempt would only repeat it. */
  readonly isPermanent?: boolean;
}

function reasonOf(name: string, thrown: unknown): Reason {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof PrivateAddressError) {
      const advice = `If that is meant, set mcp.${name}.allowPrivate to true.`;
      return { reason: `${error.address} is not a public address`, advice, isPermanent: true };
    }
    if (error instanceof RedirectError) {
      const advice = `Redirects are not followed: set mcp.${name}.url to the final address.`;
      return { reason: `it answered ${error.status}`, advice, isPermanent: true };
    }
  }
  const network = networkReason(thrown);
  if (network !== null) return { reason: network };
  const status = statusOf(thrown);
  if (status !== null) return { reason: `it answered ${status}`, ...adviceFor(status, name) };
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  if (code === "CONNECTION_CLOSED" || code === "NOT_CONNECTED") return { reason: "connection closed" };
  if (code === "CAPABILITY_NOT_SUPPORTED") return { reason: "it offers no tools", isPermanent: true };
  if (isAnswer(thrown)) return { reason: `it answered with error ${thrown.code}` };
  if (typeof code === "string" && /^[A-Z_]{1,64}$/.test(code)) return { reason: code };
  return { reason: "it does not speak the protocol as expected" };
}

/** Whether it is an error that the server has answered with; those of the system have words for codes. */
function isAnswer(thrown: unknown): thrown is Error & { readonly code: number } {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "number";
}

function adviceFor(status: number, name: string): Pick<Reason, "advice" | "isPermanent"> {
  if (status === 401 || status === 403) {
    return { advice: `Set ${mcpTokenVariable(name)} to a token that may use it.`, isPermanent: true };
  }
  if (status === 404 || status === 405 || status === 410) {
    return { advice: `Set mcp.${name}.url to where it serves MCP over streamable HTTP.`, isPermanent: true };
  }
  return {};
}

function statusOf(thrown: unknown): number | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ("status" in error && typeof error.status === "number") return error.status;
    // The one status that the SDK puts into a class of its own.
    if (error.name === "InsufficientScopeError") return 403;
  }
  return null;
}
