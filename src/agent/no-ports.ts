import type { AgentPorts } from "./agent.ts";

/** The ports of a call without a session: nobody can be asked, and nothing is kept. */
export const NO_PORTS: AgentPorts = {
  ask: () => Promise.resolve({ outcome: "unanswered" }),
  summarize: () => Promise.resolve(),
  note: () => Promise.resolve(),
};
