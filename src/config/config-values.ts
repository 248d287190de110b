import type { Config, LoadedConfig } from "./config.ts";
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
  const { server, dataDirectory, logLevel, token, agent, reset, ...rest } = config;
  const { default: policy, rules = [] } = reset;
  return flatten("", {
    server,
    dataDirectory,
    logLevel,
    token,
    agent: agent.kind === "code" ? { kind: "code", name: agent.agent.name } : agent,
    reset: { ...policy, rules: rules.map(({ policy: exception, ...match }) => ({ ...match, ...exception })) },
    ...rest,
  });
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
