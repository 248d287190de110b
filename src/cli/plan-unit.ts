/** What a unit is to run: `parlor start` as it would run here and now, without the variables of this shell. */
import { resolve } from "node:path";
import type { LoadedConfig } from "../config/config.ts";
import type { ConfigOverrides } from "../config/layers.ts";
import { ParlorError } from "../core/errors.ts";
import type { Cli } from "./cli.ts";
import { reachableUrl } from "./reachable-url.ts";
import type { UnitFacts } from "./unit-text.ts";

export interface UnitPlan {
  readonly facts: UnitFacts;
  /** The variables of this shell that the unit does not have. */
  readonly leftBehind: readonly string[];
}

/** What a stop takes besides the drain time: last answers, and closing the store. In milliseconds. */
const CLOSING_MS = 15_000;

/** Variables whose value goes into the command line of the unit. */
const PINNED: readonly string[] = ["HOST", "PORT", "LOG_LEVEL", "PARLOR_HOME", "PARLOR_CONFIG"];

/** @throws ParlorError `INVALID_CONFIG` when the gateway would not start here, or not without this shell. */
export async function planUnit(cli: Cli, typed: ConfigOverrides): Promise<UnitPlan> {
  const pinned = pinnedOverrides(cli, typed, await cli.loadConfig(typed));
  const leftBehind = cli.shellVariables.filter((name) => !PINNED.includes(name));
  const { config } = await loadWithoutShell(cli, pinned, leftBehind);
  const { host, port, drainMs } = config.server;
  return {
    facts: {
      folder: process.cwd(),
      command: [process.execPath, resolve(process.argv[1] ?? ""), "start", ...optionsOf(pinned)],
      stopMs: drainMs + CLOSING_MS,
      dataDirectory: config.dataDirectory,
      url: port === 0 ? null : reachableUrl(host, port),
    },
    leftBehind,
  };
}

/** What was typed or comes from this shell, and where the data is unless the folder says it. */
function pinnedOverrides(cli: Cli, typed: ConfigOverrides, { config, origins, file }: LoadedConfig): ConfigOverrides {
  const isOwn = (key: string): boolean => ["command line", "environment"].includes(origins[key] ?? "");
  const isDefault = origins["dataDirectory"] === "default";
  const namesFile = typed.configFile !== undefined || cli.shellVariables.includes("PARLOR_CONFIG");
  return {
    host: isOwn("server.host") ? config.server.host : undefined,
    port: isOwn("server.port") ? config.server.port : undefined,
    logLevel: isOwn("logLevel") ? config.logLevel : undefined,
    dataDirectory: isOwn("dataDirectory") || isDefault ? config.dataDirectory : undefined,
    configFile: namesFile && file !== null ? file : undefined,
  };
}

function optionsOf({ host, port, logLevel, dataDirectory, configFile }: ConfigOverrides): readonly string[] {
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ["--host", host],
    ["--port", port],
    ["--log-level", logLevel],
    ["--home", dataDirectory],
    ["--config", configFile],
  ];
  return options.flatMap(([option, value]) => (value === undefined ? [] : [option, String(value)]));
}

async function loadWithoutShell(
  cli: Cli,
  pinned: ConfigOverrides,
  leftBehind: readonly string[],
): Promise<LoadedConfig> {
  try {
    return await cli.loadUnitConfig(pinned);
  } catch (error) {
    if (!(error instanceof ParlorError) || leftBehind.length === 0) throw error;
    throw new ParlorError(
      error.code,
      `The unit would not start, as it does not have the variables of this shell. Write ${leftBehind.join(", ")} into ` +
        `${resolve(".env")}.\n${error.message}`,
      { cause: error },
    );
  }
}
