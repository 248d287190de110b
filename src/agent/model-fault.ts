/** Says what is wrong with a model endpoint, in one line that an operator can act on. */
import type { Clock } from "../lib/clock.ts";
import { AgentError } from "./agent.ts";
import { isContextOverflow } from "./context-overflow.ts";
import { listModelsOf } from "./list-models.ts";
import type { CheckedEndpoint } from "./model-endpoint.ts";
import { readFailure, type ModelFailure } from "./model-failure.ts";

export interface FaultContext {
  readonly endpoint: CheckedEndpoint;
  readonly model: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Whether there were images or other files in the prompt. */
  readonly hasFiles: boolean;
}

type Refusal = Extract<ModelFailure, { kind: "refused" }>;

const UNKNOWN_MODEL =
  /model_not_found|model.{0,200}(not found|not exist|not a valid|unknown)|(invalid|unknown|no such) model/is;
const NO_CREDIT = /insufficient_(quota|balance)|billing_error|credit balance is too low/i;

/** @throws the signal's reason when it is aborted meanwhile. */
export async function modelFault(thrown: unknown, context: FaultContext): Promise<AgentError> {
  if (thrown instanceof AgentError) return thrown;
  const failure = readFailure(thrown, context.clock.now());
  const { baseUrl } = context.endpoint;
  switch (failure.kind) {
    case "unreachable":
      return fault(`No answer from ${baseUrl} (${failure.reason}). ${whatToCheck(context.endpoint)}`, true);
    case "broken":
      return fault(`The answer from ${baseUrl} ended before it was complete.`, true);
    case "unreadable":
      return fault(`${baseUrl} answered something that is not a stream of a chat model.`, true);
    case "refused":
      return withoutKey(await refused(failure, context), context.endpoint.apiKey);
    case "internal":
      return new AgentError("The model agent met a fault of its own.", { retryable: true, cause: thrown });
  }
}

/** Whether an endpoint found a prompt bad as it is: one of its files may be why. */
export function isBadPrompt(thrown: unknown, { clock }: Pick<FaultContext, "clock">): boolean {
  const failure = readFailure(thrown, clock.now());
  return failure.kind === "refused" && [400, 413, 415, 422].includes(failure.status ?? 0);
}

async function refused(refusal: Refusal, context: FaultContext): Promise<AgentError> {
  const { status, details } = refusal;
  const { endpoint, model } = context;
  const found = [...(status === null ? [] : [String(status)]), ...refusal.codes].join(", ");
  if (status === 401 || status === 403) return noAccess(found, endpoint);
  if (status === 402 || NO_CREDIT.test(details)) {
    return fault(
      `The account at ${endpoint.baseUrl} has no credit left (${found}). Add some, or use another key.`,
      false,
    );
  }
  if (isContextOverflow(refusal)) {
    return new AgentError(
      `The conversation is too long for the model "${model}" (${found}). Set agent.contextTokens to what it takes, ` +
        `say it in parts, or use a model with a longer context.`,
      { fault: "context", retryable: false },
    );
  }
  if (status === 404 || (isClientFault(status) && UNKNOWN_MODEL.test(details))) return unknownModel(found, context);
  if (status === 429) {
    return new AgentError(`${endpoint.baseUrl} answers no more requests for now (${found}).`, {
      fault: "quota",
      retryable: true,
      retryAfterMs: refusal.retryAfterMs,
    });
  }
  if (isClientFault(status)) {
    const files = context.hasFiles
      ? " There were files in the prompt: if the model takes none, set agent.files to false."
      : "";
    return fault(`${endpoint.baseUrl} did not accept the request (${found}). Its own log says why.${files}`, false);
  }
  return new AgentError(`${endpoint.baseUrl} failed (${found || "in the middle of its answer"}).`, {
    retryable: true,
    retryAfterMs: refusal.retryAfterMs,
  });
}

async function unknownModel(found: string, context: FaultContext): Promise<AgentError> {
  const { endpoint, model, signal, clock } = context;
  const listed = await listModelsOf(endpoint, { signal, clock });
  const missing = `${endpoint.baseUrl} has no model "${model}" (${found})`;
  if (listed.outcome === "unavailable") {
    if (listed.reason === "404") {
      return fault(
        `There is no model API at ${endpoint.baseUrl} (${found}). Set ${endpoint.urlVariable} to its address; many end in /v1.`,
        false,
      );
    }
    return fault(
      `${missing}, and does not say which it has (${listed.reason}). Set PARLOR_MODEL to one it has.`,
      false,
    );
  }
  if (listed.models.includes(model)) {
    return fault(`${endpoint.baseUrl} lists the model "${model}" and does not answer for it (${found}).`, false);
  }
  if (listed.models.length === 0) return fault(`${missing}; it has none yet. Load one there first.`, false);
  return fault(`${missing}; it has ${enumerate(listed.models)}. Set PARLOR_MODEL to one of them.`, false);
}

function noAccess(found: string, endpoint: CheckedEndpoint): AgentError {
  return endpoint.apiKey === null
    ? fault(`${endpoint.baseUrl} wants an API key (${found}). Set ${endpoint.keyVariable}.`, false)
    : fault(
        `${endpoint.baseUrl} did not accept the API key (${found}). Set ${endpoint.keyVariable} to one that may use it.`,
        false,
      );
}

function whatToCheck(endpoint: CheckedEndpoint): string {
  return endpoint.api === "anthropic"
    ? "Can this machine reach it?"
    : `Is the model server running? Start it, or set ${endpoint.urlVariable} to where it listens.`;
}

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

/** Faults that another attempt would only repeat. 408, 409, 425 and 429 are about the moment. */
function isClientFault(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);
}

/** An endpoint may quote the key it was given, even in a code. */
function withoutKey(error: AgentError, apiKey: string | null): AgentError {
  if (apiKey === null || !error.message.includes(apiKey)) return error;
  return new AgentError(error.message.replaceAll(apiKey, "[key]"), error);
}

function fault(message: string, retryable: boolean): AgentError {
  return new AgentError(message, { retryable });
}
