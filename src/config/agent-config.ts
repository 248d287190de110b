import type { Agent } from "../agent/agent.ts";
import { resolveAcp } from "./acp-agent-config.ts";
import type { AgentPlace } from "./agent-place.ts";
import { resolveCommand, type Surroundings } from "./command-agent-config.ts";
import type { AgentConfig } from "./config.ts";
import { originOf, placeOf, type Findings } from "./findings.ts";
import { resolveHttpAgent } from "./http-agent-config.ts";
import { addIssues } from "./issue-problems.ts";
import { echoAgentSchema, modelAgentSchema, type ModelAgentSettings } from "./agent-schemas.ts";
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
 * An agent, from what the file says at its place and the variables. A variable wins over the file, except over an
 * agent written in code, a program and an endpoint.
 */
export function resolveAgent(
  given: unknown,
  place: AgentPlace,
  surroundings: Surroundings,
  findings: Findings,
): AgentConfig {
  const { key, values } = place;
  if (isHttp(given)) {
    noteUnused(MODEL_VARIABLES, values, "the agent is an HTTP endpoint", findings);
    return resolveHttpAgent(given, place, findings) ?? ECHO;
  }
  noteUnused(["PARLOR_AGENT_SECRET"], values, 'only an agent of kind "http" is sent anything signed', findings);
  if (isAgent(given)) {
    noteUnused(MODEL_VARIABLES, values, "the agent is written in code", findings);
    findings.places.set(key, { name: key, origin: originOf(findings.places, key) });
    return { kind: "code", agent: given };
  }
  if (given === undefined || given === "echo") return fromVariables(given, place, findings);
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    if ("kind" in given && given.kind === "echo") return fromVariables(given, place, findings);
    if ("kind" in given && given.kind === "command") {
      noteUnused(["PARLOR_MODEL", "PARLOR_SYSTEM_PROMPT"], values, "the agent is a command", findings);
      return resolveCommand(given, key, surroundings, findings) ?? ECHO;
    }
    if ("kind" in given && given.kind === "acp") {
      noteUnused(MODEL_VARIABLES, values, "the agent is a program of the Agent Client Protocol", findings);
      return resolveAcp(given, key, surroundings, findings) ?? ECHO;
    }
    return resolveModel(given as Record<string, unknown>, place, findings);
  }
  findings.problems.push(
    `${placeOf(findings.places, key)} must be "echo", an object with kind: "echo", "model", "command", "acp" or "http", or an Agent with name and run.`,
  );
  return ECHO;
}

function fromVariables(given: object | "echo" | undefined, place: AgentPlace, findings: Findings): AgentConfig {
  const { key, values } = place;
  const model = values.get("PARLOR_MODEL");
  if (model === undefined) {
    if (given === undefined) noteUnused(AGENT_VARIABLES, values, "set PARLOR_MODEL to let a model answer", findings);
    return resolveEcho(typeof given === "object" ? given : {}, place, findings);
  }
  const provider = providerOf(values);
  if (provider === null) {
    findings.problems.push(
      `PARLOR_MODEL (${model.origin}) needs to know where the model is: set OPENAI_BASE_URL (any OpenAI-compatible ` +
        `endpoint), OPENAI_API_KEY or ANTHROPIC_API_KEY.`,
    );
    return ECHO;
  }
  findings.places.delete(key);
  for (const part of ["kind", "provider"]) findings.places.set(`${key}.${part}`, model);
  return resolveModel({ kind: "model", provider }, place, findings);
}

function resolveEcho(given: object, { key, values }: AgentPlace, findings: Findings): AgentConfig {
  const delay = values.get("PARLOR_ECHO_DELAY_MS");
  if (delay !== undefined) findings.places.set(`${key}.delayMs`, delay);
  const draft = { kind: "echo", ...given, ...(delay === undefined ? {} : { delayMs: Number(delay.value) }) };
  const parsed = echoAgentSchema.safeParse(draft);
  if (parsed.success) return parsed.data;
  addIssues(parsed.error.issues, draft, findings, key.split("."));
  return ECHO;
}

function providerOf(values: Values): ModelAgentSettings["provider"] | null {
  if (values.has("OPENAI_BASE_URL")) return "openai-compatible";
  if (values.has("ANTHROPIC_API_KEY")) return "anthropic";
  return values.has("OPENAI_API_KEY") ? "openai-compatible" : null;
}

function resolveModel(given: Readonly<Record<string, unknown>>, place: AgentPlace, findings: Findings): AgentConfig {
  const { key, values, keyVariable } = place;
  const isOpenAi = given["provider"] === "openai-compatible";
  const draft = { ...given };
  const overlay = (setting: string, value: VariableValue | undefined): void => {
    if (value === undefined) return;
    draft[setting] = value.value;
    findings.places.set(`${key}.${setting}`, value);
  };
  overlay("model", values.get("PARLOR_MODEL"));
  overlay("system", values.get("PARLOR_SYSTEM_PROMPT"));
  if (isOpenAi) overlay("baseUrl", values.get("OPENAI_BASE_URL"));

  const parsed = modelAgentSchema.safeParse(draft);
  if (!parsed.success) {
    // Of what kind it should be nobody knows, so the rest cannot be judged.
    const wrongKind = parsed.error.issues.filter((issue) => issue.path[0] === "kind");
    addIssues(wrongKind.length > 0 ? wrongKind : parsed.error.issues, draft, findings, key.split("."));
    return ECHO;
  }
  const apiKey = values.get(isOpenAi ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY");
  if (apiKey !== undefined) findings.places.set(`${key}.apiKey`, apiKey);
  const { baseUrl, system, tools, ...settings } = parsed.data;
  if (!isOpenAi && apiKey === undefined)
    findings.problems.push(
      `${placeOf(findings.places, `${key}.provider`)} is "anthropic", which needs a key: set ` +
        `${keyVariable ?? "ANTHROPIC_API_KEY"}.`,
    );
  if (isOpenAi && baseUrl === undefined && apiKey === undefined) {
    findings.problems.push(
      `${placeOf(findings.places, `${key}.provider`)} is "openai-compatible", which needs an endpoint: set ` +
        `OPENAI_BASE_URL, or ${keyVariable ?? "OPENAI_API_KEY"} for the one of OpenAI.`,
    );
  }
  return {
    ...settings,
    baseUrl: baseUrl ?? (isOpenAi ? OPENAI_URL : null),
    apiKey: apiKey === undefined ? null : createSecret(apiKey.value),
    system: system ?? null,
    maxOutputTokens: settings.maxOutputTokens ?? null,
    totalTimeoutMs: settings.totalTimeoutMs ?? null,
    tools: [...new Set(tools)],
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
  const used = new Set([...findings.places.values()].map((place) => place.name));
  const unused = names.filter((name) => values.has(name) && !used.has(name));
  if (unused.length > 0)
    findings.notes.push(`${unused.join(" and ")} ${unused.length > 1 ? "are" : "is"} set but not used: ${why}.`);
}
