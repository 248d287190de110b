import type { ConfigOverrides } from "../config/layers.ts";

/**
 * The command line that starts the gateway in the way it was started.
 *
 * @param script - The script that npm runs; null when it does not.
 */
export function startWords(script: string | null, given: ConfigOverrides): readonly string[] {
  const options = Object.entries({
    "--host": given.host,
    "--port": given.port,
    "--log-level": given.logLevel,
    "--home": given.dataDirectory,
    "--config": given.configFile,
  }).flatMap(([option, value]) => (value === undefined ? [] : [option, String(value)]));
  switch (script) {
    case null:
      return ["parlor", "start", ...options];
    case "npx":
      return ["npx", "parlor", "start", ...options];
    case "start":
      return ["npm", "start", ...(options.length === 0 ? [] : ["--", ...options])];
    case "parlor":
      return ["npm", "run", "parlor", "--", "start", ...options];
    default:
      // What the script passes on is its own.
      return ["npm", "run", script];
  }
}
