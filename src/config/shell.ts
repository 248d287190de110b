/** What the shell of whoever types a command has set, and what a process that it does not start would miss. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { VARIABLES, isNamedSecret, type Environment } from "./variables.ts";

/** Where a user's own configuration lies, by the XDG base directory specification. */
export function configHome(env: Environment): string {
  const given = env["XDG_CONFIG_HOME"];
  return given !== undefined && isAbsolute(given) ? given : join(env["HOME"] || homedir(), ".config");
}

/** The environment of a process that somebody else starts for the same user. */
export function withoutShell(env: Environment): Environment {
  return { HOME: env["HOME"] };
}

/** The variables of Parlor that are set, by name. */
export function shellVariables(env: Environment): readonly string[] {
  const known = new Set(VARIABLES.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
  return Object.keys(env)
    .filter((name) => env[name] && (known.has(name) || isNamedSecret(name)))
    .toSorted();
}
