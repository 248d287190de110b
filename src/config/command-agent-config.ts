import { resolve } from "node:path";
import type { AgentConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { addIssues } from "./issue-problems.ts";
import { commandAgentSchema } from "./agent-schemas.ts";
import { createSecret, type Secret } from "./secret.ts";
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
  key: string,
  surroundings: Surroundings,
  findings: Findings,
): Extract<AgentConfig, { kind: "command" }> | null {
  const parsed = commandAgentSchema.safeParse(given);
  if (!parsed.success) {
    addIssues(parsed.error.issues, given, findings, key.split("."));
    return null;
  }
  const { command, cwd, env, idleTimeoutMs, totalTimeoutMs = null } = parsed.data;
  return {
    kind: "command",
    command,
    cwd: resolve(surroundings.cwd, cwd),
    env: passedOn(env, key, surroundings, findings),
    idleTimeoutMs,
    totalTimeoutMs,
  };
}

/** What a program finds in its environment when these variables are named for it. */
export function passedOn(
  names: readonly string[],
  key: string,
  { env, envFile }: Surroundings,
  findings: Findings,
): Readonly<Record<string, Secret>> {
  const passed = [...new Set([...ALWAYS_PASSED, ...names])].flatMap((name) => {
    const value = env[name] || envFile[name];
    if (value) {
      findings.places.set(`${key}.env.${name}`, { name, origin: env[name] ? "environment" : ".env" });
      return [[name, createSecret(value)] as const];
    }
    if (names.includes(name)) {
      findings.notes.push(`${placeOf(findings.places, `${key}.env`)} names ${name}, which is not set.`);
    }
    return [];
  });
  return Object.fromEntries(passed);
}
