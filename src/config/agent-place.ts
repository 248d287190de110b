import { agentVariable, type Variables } from "./variables.ts";

/** Where an agent is configured, and what the variables say about it. */
export interface AgentPlace {
  /** Its key: `agent`, or `agents.<name>`. */
  readonly key: string;
  /** The variables as far as they are about this agent. */
  readonly values: Variables["values"];
  /** What a sentence calls the variable of its signing secret. */
  readonly secretVariable: string;
  /** A key variable of its own beside those of the providers; null for the default agent. */
  readonly keyVariable: string | null;
}

/** The agent that every variable about agents is meant for. */
export function defaultPlace(values: Variables["values"]): AgentPlace {
  return { key: "agent", values, secretVariable: "PARLOR_AGENT_SECRET", keyVariable: null };
}

const KEY_VARIABLES: readonly string[] = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"];

/**
 * One of several agents. What it is, the file says; variables give it its secrets, and the usual endpoint
 * where it names none. To an endpoint of its own no key is sent but one of its own: the usual one is a secret
 * between the usual endpoint and the operator.
 */
export function namedPlace(name: string, given: unknown, { values, agentSecrets }: Variables): AgentPlace {
  const [keyVariable, secretVariable] = [agentVariable(name, "API_KEY"), agentVariable(name, "SECRET")];
  const { kind, baseUrl } = fieldsOf(given);
  const isUsual = baseUrl === undefined || baseUrl === values.get("OPENAI_BASE_URL")?.value;
  const shared = {
    http: ["PARLOR_AGENT_SECRET"],
    model: isUsual ? ["OPENAI_BASE_URL", ...KEY_VARIABLES] : [],
  };
  const used = kind === "http" || kind === "model" ? shared[kind] : [];
  const seen = new Map([...values].filter(([variable]) => used.includes(variable)));
  const [key, secret] = [agentSecrets.get(keyVariable), agentSecrets.get(secretVariable)];
  if (kind === "model" && key !== undefined) for (const variable of KEY_VARIABLES) seen.set(variable, key);
  if (kind === "http" && secret !== undefined) seen.set("PARLOR_AGENT_SECRET", secret);
  return { key: `agents.${name}`, values: seen, secretVariable, keyVariable };
}

function fieldsOf(given: unknown): { readonly kind?: unknown; readonly baseUrl?: unknown } {
  return typeof given === "object" && given !== null ? given : {};
}
