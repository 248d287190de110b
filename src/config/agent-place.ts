import type { Variables } from "./variables.ts";

/** Where an agent is configured, and what the variables say about it. */
export interface AgentPlace {
  /** Its key, such as `agent`. */
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
