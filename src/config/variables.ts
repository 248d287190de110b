import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage } from "../core/errors.ts";
import { closest } from "../lib/closest.ts";
import type { Findings } from "./findings.ts";

/** A variable that Parlor reads. */
export interface Variable {
  readonly name: string;
  /** The setting it gives a value to; null when it only helps to find others. */
  readonly key: string | null;
  /** Whether it is never printed, and may come from a file named by `<NAME>_FILE`. */
  readonly secret: boolean;
}

/** Every variable except those that have the name of a webhook, of an MCP server or of an agent in theirs. */
export const VARIABLES: readonly Variable[] = [
  { name: "HOST", key: "server.host", secret: false },
  { name: "PORT", key: "server.port", secret: false },
  { name: "PARLOR_HOME", key: "dataDirectory", secret: false },
  { name: "LOG_LEVEL", key: "logLevel", secret: false },
  { name: "PARLOR_CONFIG", key: null, secret: false },
  { name: "DATABASE_URL", key: null, secret: false },
  { name: "PARLOR_TOKEN", key: "token", secret: true },
  { name: "PARLOR_MODEL", key: "agent.model", secret: false },
  { name: "PARLOR_ECHO_DELAY_MS", key: "agent.delayMs", secret: false },
  { name: "PARLOR_SYSTEM_PROMPT", key: "agent.system", secret: false },
  { name: "OPENAI_BASE_URL", key: "agent.baseUrl", secret: false },
  { name: "OPENAI_API_KEY", key: "agent.apiKey", secret: true },
  { name: "ANTHROPIC_API_KEY", key: "agent.apiKey", secret: true },
  { name: "PARLOR_AGENT_SECRET", key: "agent.secret", secret: true },
  { name: "OLLAMA_HOST", key: null, secret: false },
  { name: "TELEGRAM_BOT_TOKEN", key: "telegram.token", secret: true },
  { name: "TELEGRAM_API_BASE_URL", key: "telegram.apiBaseUrl", secret: false },
  { name: "PARLOR_DM", key: "access.dm", secret: false },
  { name: "PARLOR_ALLOW", key: "access.allow", secret: false },
];

/** The value of a variable, and where it came from: `environment`, `.env`, or `file <NAME>_FILE`. */
export interface VariableValue {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variables {
  /** By name. What is unset or empty is missing. */
  readonly values: ReadonlyMap<string, VariableValue>;
  /** By the name of the webhook. */
  readonly webhookSecrets: ReadonlyMap<string, VariableValue>;
  /** By the name of the MCP server. */
  readonly mcpTokens: ReadonlyMap<string, VariableValue>;
  /** Keys and secrets of one of several agents, by the name of the variable. */
  readonly agentSecrets: ReadonlyMap<string, VariableValue>;
}

const WEBHOOK = /^PARLOR_WEBHOOK_([A-Z0-9]+(?:_[A-Z0-9]+)*)_SECRET$/;

const MCP = /^PARLOR_MCP_([A-Z0-9]+(?:_[A-Z0-9]+)*)_TOKEN$/;

const AGENT = /^PARLOR_AGENT_[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:API_KEY|SECRET)$/;

/** Whether a variable holds a secret of a webhook, an MCP server or one of several agents, or names a file that does. */
export function isNamedSecret(variable: string): boolean {
  const name = variable.replace(/_FILE$/, "");
  return [WEBHOOK, MCP, AGENT].some((form) => form.test(name));
}

/** The variable that holds a secret of one of several agents: its key, or what it is signed with. */
export function agentVariable(agent: string, holds: "API_KEY" | "SECRET"): string {
  return `PARLOR_AGENT_${upperName(agent)}_${holds}`;
}

/** The variable that holds the secret of a webhook. */
export function webhookVariable(webhook: string): string {
  return `PARLOR_WEBHOOK_${upperName(webhook)}_SECRET`;
}

/** The variable that holds the bearer token of an MCP server. */
export function mcpVariable(server: string): string {
  return `PARLOR_MCP_${upperName(server)}_TOKEN`;
}

function upperName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/** Reads every variable: from the environment, else from `.env`, else (secrets) from the file that `<NAME>_FILE` names. */
export async function readVariables(
  layers: { readonly env: Environment; readonly envFile: Environment; readonly cwd: string },
  findings: Findings,
): Promise<Variables> {
  const plain = (name: string): VariableValue | null => {
    if (layers.env[name]) return { name, value: layers.env[name], origin: "environment" };
    if (layers.envFile[name]) return { name, value: layers.envFile[name], origin: ".env" };
    return null;
  };
  const secret = async (name: string): Promise<VariableValue | null> => {
    const [direct, file] = [plain(name), plain(`${name}_FILE`)];
    if (file === null) return direct;
    if (direct !== null) {
      findings.problems.push(
        `${name} (${direct.origin}) and ${file.name} (${file.origin}) are both set; keep one of them.`,
      );
      return null;
    }
    return await readSecretFile(file, layers.cwd, findings);
  };

  const values = new Map<string, VariableValue>();
  for (const { name, secret: isSecret } of VARIABLES) {
    const value = isSecret ? await secret(name) : plain(name);
    if (value !== null) values.set(name, value);
  }
  const webhookSecrets = new Map<string, VariableValue>();
  const agentSecrets = new Map<string, VariableValue>();
  const mcpTokens = new Map<string, VariableValue>();
  for (const name of new Set(namesIn(layers).map((found) => found.replace(/_FILE$/, "")))) {
    const webhook = plainName(WEBHOOK.exec(name)?.[1]);
    const server = plainName(MCP.exec(name)?.[1]);
    if (webhook === undefined && server === undefined && !AGENT.test(name)) {
      checkName(name, findings);
      continue;
    }
    const value = await secret(name);
    if (value === null) continue;
    if (webhook !== undefined) webhookSecrets.set(webhook, value);
    else if (server !== undefined) mcpTokens.set(server, value);
    else agentSecrets.set(name, value);
  }
  return { values, webhookSecrets, mcpTokens, agentSecrets };
}

/** `my-hook` of `MY_HOOK`. */
function plainName(upper: string | undefined): string | undefined {
  return upper?.toLowerCase().replaceAll("_", "-");
}

function namesIn({ env, envFile }: { readonly env: Environment; readonly envFile: Environment }): string[] {
  return [...Object.keys(env), ...Object.keys(envFile)].filter((name) => name.startsWith("PARLOR_"));
}

/** What looks like a secret of an agent or a server, and how they are called. */
const SECRET_NAMES = [
  {
    form: /^PARLOR_AGENT_.*(?:KEY|SECRET|TOKEN)$/i,
    said: "secrets of agents are PARLOR_AGENT_SECRET, PARLOR_AGENT_<NAME>_API_KEY and PARLOR_AGENT_<NAME>_SECRET",
  },
  { form: /^PARLOR_MCP_.*(?:KEY|SECRET|TOKEN)$/i, said: "tokens of servers are PARLOR_MCP_<NAME>_TOKEN" },
] as const;

/** A variable that nobody reads is only noted: a cluster sets some of its own, such as `PARLOR_SERVICE_HOST`. */
function checkName(name: string, findings: Findings): void {
  if (VARIABLES.some((variable) => variable.name === name)) return;
  if (name.startsWith("PARLOR_WEBHOOK_")) {
    findings.problems.push(
      `${name} must have the form PARLOR_WEBHOOK_<NAME>_SECRET, the name in upper case with "_" for "-"; rename it.`,
    );
    return;
  }
  const right = SECRET_NAMES.find(({ form }) => form.test(name));
  if (right !== undefined) {
    findings.notes.push(`${name} is not a variable of Parlor; ${right.said}, the name in upper case with "_" for "-".`);
    return;
  }
  const meant = closest(
    name,
    VARIABLES.map((variable) => variable.name),
  );
  if (meant !== null) findings.notes.push(`${name} is not a variable of Parlor; did you mean ${meant}?`);
}

async function readSecretFile(file: VariableValue, cwd: string, findings: Findings): Promise<VariableValue | null> {
  const name = file.name.replace(/_FILE$/, "");
  const path = resolve(cwd, file.value);
  try {
    const value = (await readFile(path, "utf8")).trim();
    if (value !== "") return { name, value, origin: `file ${file.name}` };
    findings.problems.push(`${file.name} (${file.origin}) must name a file that holds the secret; ${path} is empty.`);
  } catch (error) {
    findings.problems.push(
      `${file.name} (${file.origin}) must name a file that can be read; found ${errorMessage(error)}.`,
    );
  }
  return null;
}
