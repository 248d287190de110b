import { resolve } from "node:path";
import type { AgentConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { addIssues } from "./issue-problems.ts";
import { commandAgentSchema } from "./schema.ts";
import { createSecret } from "./secret.ts";
import type { Environment } from "./variables.ts";

/** Where a program of the configuration starts, and what it can be handed. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Environment;
  readonly envFile: Environment;
}

/** What every program finds in its environment, as far as it is set. */
const ALWAYS_PASSED: readonly string[] = ["PATH", "HOME", "LANG"];

/** A program that answers; null when what is said of it was refused. The variables it is handed are read here, once. */
export function resolveCommand(
  given: object,
  { cwd, env, envFile }: Surroundings,
  findings: Findings,
): Extract<AgentConfig, { kind: "command" }> | null {
  const parsed = commandAgentSchema.safeParse(given);
  if (!parsed.success) {
    addIssues(parsed.error.issues, given, findings, ["agent"]);
    return null;
  }
  const settings = parsed.data;
  const passed = [...new Set([...ALWAYS_PASSED, ...settings.env])].flatMap((name) => {
    const value = env[name] || envFile[name];
    if (value) {
      findings.places.set(`agent.env.${name}`, { name, origin: env[name] ? "environment" : ".env" });
      return [[name, createSecret(value)] as const];
    }
    if (settings.env.includes(name)) {
      findings.notes.push(`${placeOf(findings.places, "agent.env")} names ${name}, which is not set.`);
    }
    return [];
  });
  return {
    kind: "command",
    command: settings.command,
    cwd: resolve(cwd, settings.cwd),
    env: Object.fromEntries(passed),
    idleTimeoutMs: settings.idleTimeoutMs,
    totalTimeoutMs: settings.totalTimeoutMs ?? null,
  };
}
