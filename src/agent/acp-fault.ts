/**
 * Says what is wrong with an ACP agent, in one line that an operator can act on. What an agent says in prose is never
 * repeated: it may quote what a person said.
 */
import { MAX_RETRY_AFTER_MS } from "../lib/retry-after.ts";
import { AgentError, type AgentFault } from "./agent.ts";
import { exitWords } from "./exit-words.ts";

/** An error with which an agent has answered a request, as JSON-RPC has it. */
export interface AcpRefusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const NOT_AUTHENTICATED = -32_000;

const SESSION_NOT_FOUND = -32_002;
const METHOD_NOT_FOUND = -32_601;
const UNSUPPORTED_VERSION = -32_022;
/** Invalid request, method not found, invalid parameters: the same words would meet the same answer. */
const MISUNDERSTOOD: readonly number[] = [-32_600, METHOD_NOT_FOUND, -32_602];
const TOO_LONG = /context[ _-]?(length|size|window)|maximum context|prompt is too long|too many (input )?tokens/i;
const DEBUG = "at log level debug, the log has what it wrote to standard error.";

/** The fault of a request that an agent has refused. Codes of HTTP are taken as what they mean there. */
export function refusalFault(name: string, method: string, refusal: AcpRefusal, logins: readonly string[]): AgentError {
  const { code } = refusal;
  const found = `(${method}, ${code})`;
  if (isLoginMissing(code)) return notAuthenticated(name, found, logins);
  if (code === 413 || TOO_LONG.test(wordsOf(refusal))) {
    const what = `The conversation is too long for the agent "${name}" ${found}. Reset the session.`;
    return fault(what, false, "context");
  }
  if (code === 429) {
    const what = `The agent "${name}" answers no more requests for now ${found}.`;
    return new AgentError(what, { retryable: true, fault: "quota", retryAfterMs: retryAfterMs(refusal.data) });
  }
  if (MISUNDERSTOOD.includes(code))
    return fault(`The agent "${name}" did not accept a request ${found}; ${DEBUG}`, false);
  const what = `The agent "${name}" reported an error ${found}; ${DEBUG}`;
  return new AgentError(what, { retryable: true, retryAfterMs: retryAfterMs(refusal.data) });
}

/**
 * Whether an agent that has refused a prompt may no longer know its session. Few agents say so; others say that they
 * do not understand, or report the same error on every attempt.
 */
export function mayHaveLostSession(code: number, { fault: kind, retryable }: AgentError, attempt: number): boolean {
  if (code === SESSION_NOT_FOUND) return true;
  if (kind === "quota" || kind === "context" || isLoginMissing(code)) return false;
  return !retryable || attempt > 1;
}

/** The fault of a program that has refused to begin. */
export function startRefusal(name: string, refusal: AcpRefusal, logins: readonly string[]): AgentError {
  if (refusal.code === METHOD_NOT_FOUND) {
    const hint = "Does it need a parameter for that, such as --acp? Set agent.command.";
    return fault(`The command "${name}" does not speak the Agent Client Protocol. ${hint}`, false);
  }
  if (refusal.code === UNSUPPORTED_VERSION) return wrongVersion(name, null);
  return refusalFault(name, "initialize", refusal, logins);
}

/** @param version - What it speaks; null: it did not say. */
export function wrongVersion(name: string, version: number | null): AgentError {
  const found = version === null ? "another one" : `version ${version}`;
  return fault(
    `The agent "${name}" must speak version 1 of the Agent Client Protocol; found ${found}. Install a release of it that does.`,
    false,
  );
}

/**
 * Something on standard output that is not of the protocol. While it starts that is how it is set up; later another
 * process may do better.
 */
export function notProtocol(name: string, found: string, isStarting: boolean): AgentError {
  return fault(
    `The agent "${name}" must write one message of JSON-RPC 2.0 on each line of standard output; found ${found}. ` +
      `What it prints besides belongs to standard error.`,
    !isStarting,
  );
}

/** An answer without what it must have. */
export function wrongAnswer(name: string, method: string, expected: string): AgentError {
  return fault(`The agent "${name}" must answer ${method} with ${expected}; found something else.`, false);
}

/** @param ended - The exit code, or the signal; null: it has only closed its output. */
export function processEnded(name: string, ended: number | string | null): AgentError {
  return fault(`The agent "${name}" ${exitWords(ended)}; ${DEBUG}`, true);
}

export function tooSlow(what: string): AgentError {
  return fault(`${what}. If it needs longer, raise the time-out.`, true);
}

export function fault(message: string, retryable: boolean, kind?: AgentFault): AgentError {
  return new AgentError(message, { retryable, ...(kind === undefined ? {} : { fault: kind }) });
}

/** Whether an agent has answered that it wants a login first. */
export function isLoginMissing(code: number): boolean {
  return code === NOT_AUTHENTICATED || code === 401 || code === 403;
}

function notAuthenticated(name: string, found: string, logins: readonly string[]): AgentError {
  const ways = logins.length === 0 ? "" : ` It offers: ${logins.join(", ")}.`;
  return fault(
    `The agent "${name}" wants a login first ${found}.${ways} Run it once in a terminal and log in there, as the user that ` +
      `Parlor runs as, or name the variable that holds its key in agent.env.`,
    false,
  );
}

function wordsOf({ message, data }: AcpRefusal): string {
  return `${message} ${typeof data === "string" ? data : (JSON.stringify(data) ?? "")}`.slice(0, 10_000);
}

function retryAfterMs(data: unknown): number | null {
  const asked = typeof data === "object" && data !== null && "retryAfterMs" in data ? data.retryAfterMs : null;
  return typeof asked === "number" && asked >= 0 ? Math.min(asked, MAX_RETRY_AFTER_MS) : null;
}
