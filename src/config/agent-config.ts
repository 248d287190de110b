import type { Agent } from "../agent/agent.ts";
import { resolveCommand, type Surroundings } from "./command-agent-config.ts";
import type { AgentConfig } from "./config.ts";
import { originOf, placeOf, type Findings } from "./findings.ts";
import { resolveHttpAgent } from "./http-agent-config.ts";
import { addIssues } from "./issue-problems.ts";
import { echoAgentSchema, modelAgentSchema, type ModelAgentSettings } from "./schema.ts";
import { createSecret } from "./secret.ts";
import type { VariableValue, Variables } from "./variables.ts";

const ECHO: AgentConfig = { kind: "echo", delayMs: 0 };
const OPENAI_URL = "https://api.openai.com/v1";
/** The variables that say something about a model, besides its name. */
export const AGENT_VARIABLES: readonly string[] = [
  "PARLOR_SYSTEM_PROMPT",
  "OPENAI_BASE_URL",
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
];

/** Those that would be expected to choose a model; the keys may be for something else. */
const MODEL_VARIABLES: readonly string[] = ["PARLOR_MODEL", "PARLOR_SYSTEM_PROMPT", "OPENAI_BASE_URL"];

type Values = Variables["values"];

/**
 * Who answers, from the file's `agent` and the variables. A variable wins over the file, except over an agent
 * written in code, a program and an endpoint.
 */
export function resolveAgent(
  given: unknown,
  values: Values,
  surroundings: Surroundings,
  findings: Findings,
): AgentConfig {
  if (isHttp(given)) {
    noteUnused(MODEL_VARIABLES, values, "the agent is an HTTP endpoint", findings);
    return resolveHttpAgent(given, values, findings) ?? ECHO;
  }
  noteUnused(["PARLOR_AGENT_SECRET"], values, 'only an agent of kind "http" is sent anything signed', findings);
  if (isAgent(given)) {
    noteUnused(MODEL_VARIABLES, values, "the agent is written in code", findings);
    findings.places.set("agent", { name: "agent", origin: originOf(findings.places, "agent") });
    return { kind: "code", agent: given };
  }
  if (given === undefined || given === "echo") return fromVariables(given, values, findings);
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    if ("kind" in given && given.kind === "echo") return fromVariables(given, values, findings);
    if ("kind" in given && given.kind === "command") {
      noteUnused(["PARLOR_MODEL", "PARLOR_SYSTEM_PROMPT"], values, "the agent is a command", findings);
      return resolveCommand(given, surroundings, findings) ?? ECHO;
    }
    return resolveModel(given as Record<string, unknown>, values, findings);
  }
  findings.problems.push(
    `${placeOf(findings.places, "agent")} must be "echo", an object with kind: "echo", "model", "command" or "http", or an Agent with name and run.`,
  );
  return ECHO;
}

function fromVariables(given: object | "echo" | undefined, values: Values, findings: Findings): AgentConfig {
  const model = values.get("PARLOR_MODEL");
  if (model === undefined) {
    if (given === undefined) noteUnused(AGENT_VARIABLES, values, "set PARLOR_MODEL to let a model answer", findings);
    return resolveEcho(typeof given === "object" ? given : {}, values, findings);
  }
  const provider = providerOf(values);
  if (provider === null) {
    findings.problems.push(
      `PARLOR_MODEL (${model.origin}) needs to know where the model is: set OPENAI_BASE_URL (any OpenAI-compatible ` +
        `endpoint), OPENAI_API_KEY or ANTHROPIC_API_KEY.`,
    );
    return ECHO;
  }
  findings.places.delete("agent");
  for (const key of ["agent.kind", "agent.provider"]) findings.places.set(key, model);
  return resolveModel({ kind: "model", provider }, values, findings);
}

function resolveEcho(given: object, values: Values, findings: Findings): AgentConfig {
  const delay = values.get("PARLOR_ECHO_DELAY_MS");
  if (delay !== undefined) findings.places.set("agent.delayMs", delay);
  const draft = { kind: "echo", ...given, ...(delay === undefined ? {} : { delayMs: Number(delay.value) }) };
  const parsed = echoAgentSchema.safeParse(draft);
  if (parsed.success) return parsed.data;
  addIssues(parsed.error.issues, draft, findings, ["agent"]);
  return ECHO;
}

function providerOf(values: Values): ModelAgentSettings["provider"] | null {
  if (values.has("OPENAI_BASE_URL")) return "openai-compatible";
  if (values.has("ANTHROPIC_API_KEY")) return "anthropic";
  return values.has("OPENAI_API_KEY") ? "openai-compatible" : null;
}

function resolveModel(given: Readonly<Record<string, unknown>>, values: Values, findings: Findings): AgentConfig {
  const isOpenAi = given["provider"] === "openai-compatible";
  const draft = { ...given };
  const overlay = (key: string, value: VariableValue | undefined): void => {
    if (value === undefined) return;
    draft[key] = value.value;
    findings.places.set(`agent.${key}`, value);
  };
  overlay("model", values.get("PARLOR_MODEL"));
  overlay("system", values.get("PARLOR_SYSTEM_PROMPT"));
  if (isOpenAi) overlay("baseUrl", values.get("OPENAI_BASE_URL"));

  const parsed = modelAgentSchema.safeParse(draft);
  if (!parsed.success) {
    addIssues(parsed.error.issues, draft, findings, ["agent"]);
    return ECHO;
  }
  const key = values.get(isOpenAi ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY");
  if (key !== undefined) findings.places.set("agent.apiKey", key);
  const { model, provider, baseUrl, system, idleTimeoutMs } = parsed.data;
  if (!isOpenAi && key === undefined)
    findings.problems.push("The provider anthropic needs a key: set ANTHROPIC_API_KEY.");
  if (isOpenAi && baseUrl === undefined && key === undefined) {
    findings.problems.push(
      "The provider openai-compatible needs an endpoint: set OPENAI_BASE_URL, or OPENAI_API_KEY for the one of OpenAI.",
    );
  }
  return {
    kind: "model",
    provider,
    model,
    baseUrl: baseUrl ?? (isOpenAi ? OPENAI_URL : null),
    apiKey: key === undefined ? null : createSecret(key.value),
    system: system ?? null,
    idleTimeoutMs,
  };
}

function isHttp(value: unknown): value is { readonly kind: "http" } {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "http" && !isAgent(value);
}

function isAgent(value: unknown): value is Agent {
  return (
    typeof value === "object" &&
    value !== null &&
    "run" in value &&
    typeof value.run === "function" &&
    "name" in value &&
    typeof value.name === "string"
  );
}

function noteUnused(names: readonly string[], values: Values, why: string, findings: Findings): void {
  const unused = names.filter((name) => values.has(name));
  if (unused.length > 0)
    findings.notes.push(`${unused.join(" and ")} ${unused.length > 1 ? "are" : "is"} set but not used: ${why}.`);
}
