import { resolve } from "node:path";
import { passedOn, type Surroundings } from "./command-agent-config.ts";
import type { AgentConfig } from "./config.ts";
import type { Findings } from "./findings.ts";
import { addIssues } from "./issue-problems.ts";
import { acpAgentSchema } from "./agent-schemas.ts";

/** A program of the Agent Client Protocol; null when what is said of it was refused. */
export function resolveAcp(
  given: object,
  key: string,
  surroundings: Surroundings,
  findings: Findings,
): Extract<AgentConfig, { kind: "acp" }> | null {
  const parsed = acpAgentSchema.safeParse(given);
  if (!parsed.success) {
    addIssues(parsed.error.issues, given, findings, key.split("."));
    return null;
  }
  const { command, cwd, env, permissions, idleTimeoutMs, totalTimeoutMs = null } = parsed.data;
  return {
    kind: "acp",
    command,
    cwd: resolve(surroundings.cwd, cwd),
    env: passedOn(env, key, surroundings, findings),
    permissions,
    idleTimeoutMs,
    totalTimeoutMs,
  };
}
