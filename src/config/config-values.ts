import type { AgentConfig, Config, LoadedConfig } from "./config.ts";
import { isSecret } from "./secret.ts";

/** One value of the configuration, fit to be shown: of a secret only whether it is set. */
export interface ConfigValue {
  /** As it is written in `parlor.config.ts`, such as `server.port`. */
  readonly key: string;
  readonly value: unknown;
}

/** Every value and where it came from, in the order of the reference. */
export function describeConfig(loaded: LoadedConfig): readonly (ConfigValue & { readonly origin: string })[] {
  return configValues(loaded.config).map((value) => ({ ...value, origin: loaded.origins[value.key] ?? "default" }));
}

/** The configuration as a flat list. */
export function configValues(config: Config): readonly ConfigValue[] {
  const { server, dataDirectory, logLevel, token, agent, agents, mcp, routes, reset, busy, ...others } = config;
  const { scope, turn, telegram, access, webhooks, hooks, ...rest } = others;
  return flatten("", {
    server,
    dataDirectory,
    logLevel,
    token,
    agent: shownAgent(agent),
    agents: Object.fromEntries(Object.entries(agents).map(([name, each]) => [name, shownAgent(each)])),
    mcp,
    routes,
    reset: asWritten(reset),
    busy: asWritten(busy),
    scope,
    turn,
    telegram,
    access,
    webhooks,
    hooks,
    ...rest,
  });
}

function shownAgent(agent: AgentConfig): object {
  return agent.kind === "code" ? { kind: "code", name: agent.agent.name } : agent;
}

/** Rules as the file has them: the policy of every chat, and exceptions. */
function asWritten<Policy extends object>({
  default: policy,
  rules = [],
}: {
  readonly default: Policy;
  readonly rules?: readonly { readonly policy: Policy }[];
}): object {
  return { ...policy, rules: rules.map(({ policy: exception, ...match }) => ({ ...match, ...exception })) };
}

function flatten(key: string, value: unknown): ConfigValue[] {
  if (isSecret(value)) return [{ key, value: "set" }];
  if (typeof value === "function") return [{ key, value: "a function" }];
  if (typeof value === "string" && isAddress(key)) return [{ key, value: value.replace(/[?#].*$/s, "?…") }];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [{ key, value }];
  return Object.entries(value).flatMap(([name, inner]) => flatten(key === "" ? name : `${key}.${name}`, inner));
}

/** What stands behind the path of one may be a key. */
function isAddress(key: string): boolean {
  return /(?:^|\.)url$|Url$/.test(key);
}
