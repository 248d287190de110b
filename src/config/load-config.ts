import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { ParlorError, errorMessage } from "../core/errors.ts";
import { resolveAgent } from "./agent-config.ts";
import { defaultPlace } from "./agent-place.ts";
import { checkNames, resolveAgents, resolveRoutes } from "./agents-config.ts";
import { resolveBusy } from "./busy-config.ts";
import type { Config, LoadedConfig } from "./config.ts";
import { loadConfigFile } from "./config-file.ts";
import { configValues } from "./config-values.ts";
import { originOf, refuseProblems, type Findings } from "./findings.ts";
import { addIssues } from "./issue-problems.ts";
import { layerSettings, type ConfigOverrides, type Tree } from "./layers.ts";
import { localEndpoints } from "./local-endpoints.ts";
import { checkTools, resolveMcp } from "./mcp-config.ts";
import { resolveReset } from "./reset-config.ts";
import { settingsSchema, type Settings } from "./schema.ts";
import { refuseDatabaseUrl, resolveToken, resolveWebhooks } from "./secret-settings.ts";
import { resolveTelegram } from "./telegram-config.ts";
import { readVariables, type Environment } from "./variables.ts";

export interface LoadConfigOptions {
  /** Default: the environment of the process. */
  readonly env?: Environment;
  /** Where `.env` and `parlor.config.ts` are looked for and relative paths start. Default: the working directory. */
  readonly cwd?: string;
  /** What was said on the command line. */
  readonly overrides?: ConfigOverrides;
  /**
   * `store`: for someone who only looks after what is stored. What only a running gateway needs (the
   * agent, the token, the secrets of webhooks) may be missing or wrong. Default: `gateway`.
   */
  readonly use?: "gateway" | "store";
}

/**
 * The configuration from command line, environment, `.env`, `parlor.config.ts` and defaults, the
 * first that has a value winning.
 *
 * @throws ParlorError `INVALID_CONFIG` that lists everything that is wrong.
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const { env = process.env, cwd = process.cwd(), overrides = {}, use = "gateway" } = options;
  const findings: Findings = { places: new Map(), problems: [], notes: [] };
  const gatewayFindings: Findings = use === "gateway" ? findings : { ...findings, problems: [], notes: [] };
  const surroundings = { env, envFile: await readEnvFile(cwd), cwd };
  const variables = await readVariables(surroundings, gatewayFindings);
  const { values } = variables;
  refuseDatabaseUrl(values.get("DATABASE_URL"), findings);
  const file = await loadConfigFile(cwd, overrides.configFile ?? values.get("PARLOR_CONFIG")?.value ?? null);

  const tree = layerSettings({ file, values, overrides }, findings.places);
  const { dataDirectory, routes, mcp, reset, busy, telegram, webhooks, ...settings } = checkSettings(tree, findings);
  // Before the default agent: what one of these uses need not be used by that.
  const agents = resolveAgents(settings.agents, variables, surroundings, gatewayFindings);
  const servers = resolveMcp(mcp, variables, surroundings, gatewayFindings);
  const agent = resolveAgent(tree["agent"], defaultPlace(values), surroundings, gatewayFindings);
  checkNames(agent, agents, gatewayFindings);
  checkTools({ agent, agents }, servers, gatewayFindings);
  const config: Config = {
    ...settings,
    dataDirectory: resolveDataDirectory(dataDirectory, env, cwd),
    token: resolveToken(values.get("PARLOR_TOKEN"), hostOf(tree), gatewayFindings),
    agent,
    agents,
    mcp: servers,
    routes: resolveRoutes(routes, agents, gatewayFindings),
    reset: resolveReset(reset, findings),
    busy: resolveBusy(busy, findings),
    telegram: resolveTelegram(telegram, values, gatewayFindings),
    webhooks: resolveWebhooks(webhooks, variables.webhookSecrets, gatewayFindings),
  };
  refuseProblems(findings);
  const origins = Object.fromEntries(configValues(config).map(({ key }) => [key, originOf(findings.places, key)]));
  const endpoints = tree["agent"] === undefined ? localEndpoints(values) : [];
  return {
    config,
    origins,
    notes: findings.notes,
    localEndpoints: endpoints,
    telegramApiBaseUrl: telegram.apiBaseUrl,
    file: file?.path ?? null,
  };
}

/** The settings with their defaults; when one is refused, the defaults alone, so that the rest is checked too. */
function checkSettings(tree: Tree, findings: Findings): Settings {
  const parsed = settingsSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  addIssues(parsed.error.issues, tree, findings);
  return settingsSchema.parse({});
}

/** The host before validation, so that a missing token is named beside other problems. */
function hostOf(tree: Tree): string {
  const server = tree["server"];
  const host = typeof server === "object" && server !== null && "host" in server ? server.host : null;
  return typeof host === "string" ? host : "localhost";
}

async function readEnvFile(cwd: string): Promise<Environment> {
  const path = join(cwd, ".env");
  try {
    return parseEnv(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new ParlorError("INVALID_CONFIG", `${path} must be a file that can be read; found ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

/** By the XDG base directory specification, where a relative `XDG_DATA_HOME` counts as unset. */
function resolveDataDirectory(given: string | undefined, env: Environment, cwd: string): string {
  const home = env["HOME"] || homedir();
  if (given !== undefined) return resolve(cwd, given.replace(/^~(?=\/|$)/, home));
  const data = env["XDG_DATA_HOME"];
  return join(data !== undefined && isAbsolute(data) ? data : join(home, ".local", "share"), "parlor");
}
