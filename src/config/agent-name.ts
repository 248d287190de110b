import { basename } from "node:path";
import type { AgentConfig } from "./config.ts";

/** What an agent that nobody has given a name is called once it is made. */
export function agentName(agent: AgentConfig): string {
  switch (agent.kind) {
    case "echo":
      return "echo";
    case "model":
      return agent.model;
    case "command":
    case "acp":
      return basename(agent.command[0]);
    case "http":
      return new URL(agent.url).host;
    case "code":
      return agent.agent.name;
  }
}
