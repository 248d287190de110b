/** Reads what a program says: one JSON object on a line. What it wrote is never quoted, as it may hold what people said. */
import { AgentError, type AgentPart } from "./agent.ts";
import { AGENT_FAULTS, mayPass } from "./agent-fault.ts";

type Fields = Readonly<Record<string, unknown>>;

const STATES = ["started", "finished", "failed"] as const;
const REASONS = ["done", "length", "filtered"] as const;
const CODE = /^[A-Za-z][\w.-]{0,63}$/;
const NAME = /^[^\p{Cc}]{1,200}$/u;

/** What each line must hold, in the words of the guide. */
const FORMS: Readonly<Record<string, string>> = {
  text: '{"type":"text","text":"..."}',
  tool: '{"type":"tool","index":0,"name":"...","state":"started" or "finished" or "failed"}',
  usage: '{"type":"usage","inputTokens":0,"outputTokens":0}, with "model" or without',
  finish: '{"type":"finish"}, with "reason" as "done", "length" or "filtered", or without',
  error:
    '{"type":"error"} with "fault" as "unavailable", "quota", "context" or "refused", or with "retryable" as true or ' +
    'false, or with both, and "code" of one word and "retryAfterMs" or without',
};

/**
 * The part that a line is; null when it says nothing.
 *
 * @throws AgentError that is permanent when it is not of the protocol, or the one that the program reports.
 */
export function readCommandLine(line: string, command: string): AgentPart | null {
  if (line.trim() === "") return null;
  const fields = parse(line);
  const type = fields["type"];
  if (typeof type !== "string" || (type !== "reasoning" && !Object.hasOwn(FORMS, type))) {
    throw notProtocol(command, 'one JSON object with "type" as text, reasoning, tool, usage, finish or error', fields);
  }
  if (type === "error") throw reported(fields, command);
  const part = partOf(type, fields, command);
  if (part === null) throw notProtocol(command, FORMS[type] ?? "", fields);
  return part.type === "text" && part.text === "" ? null : part;
}

/** @returns null when a field is missing or something else. */
function partOf(type: string, fields: Fields, command: string): AgentPart | null {
  const { text, index, name, state, model = command, inputTokens, outputTokens, reason = "done" } = fields;
  switch (type) {
    case "reasoning":
      return { type: "reasoning" };
    case "text":
      return typeof text === "string" ? { type: "text", text } : null;
    case "tool":
      return isCount(index) && isName(name) && isOneOf(STATES, state) ? { type: "tool", index, name, state } : null;
    case "usage":
      return isName(model) && isCount(inputTokens) && isCount(outputTokens)
        ? { type: "usage", model, inputTokens, outputTokens }
        : null;
    default:
      return isOneOf(REASONS, reason) ? { type: "finish", reason } : null;
  }
}

function reported(fields: Fields, command: string): AgentError {
  const { fault, retryAfterMs = null, code = null } = fields;
  const isFault = isOneOf(AGENT_FAULTS, fault);
  const { retryable = isFault ? mayPass(fault) : undefined } = fields;
  if (
    (fault !== undefined && !isFault) ||
    typeof retryable !== "boolean" ||
    (retryAfterMs !== null && !isCount(retryAfterMs)) ||
    !isCode(code)
  ) {
    return notProtocol(command, FORMS["error"] ?? "", fields);
  }
  const word = code ?? (isFault ? fault : null);
  return new AgentError(
    `The command "${command}" reported an error${word === null ? "" : ` (${word})`}; at log level debug, the log has what it wrote to standard error.`,
    { retryable, retryAfterMs, ...(isFault ? { fault } : {}) },
  );
}

/** No fields: it is not a JSON object. */
function parse(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
  } catch {
    return {};
  }
}

/** @param fields - What the line holds; only whether there are any is said. */
function notProtocol(command: string, expected: string, fields: Fields): AgentError {
  const found = Object.keys(fields).length === 0 ? "something that is not a JSON object" : "another object";
  return new AgentError(
    `The command "${command}" must write ${expected} on a line of standard output; found ${found}. Print anything else to standard error.`,
    { retryable: false },
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

function isCode(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && CODE.test(value));
}

function isOneOf<const Value extends string>(values: readonly Value[], value: unknown): value is Value {
  return (values as readonly unknown[]).includes(value);
}
