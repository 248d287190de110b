import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ParlorError, errorMessage } from "../core/errors.ts";
import { resolveOwnPackage } from "./own-package.ts";

const NAMES = ["parlor.config.ts", "parlor.config.js", "parlor.config.mjs"];

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What the file is called in messages. */
  readonly name: string;
  /** Its default export, unchecked. */
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Loads the configuration file: the given one, or the one in `cwd`, or none.
 *
 * @throws ParlorError `INVALID_CONFIG` when the given file is missing, two are found, or it cannot be run.
 */
export async function loadConfigFile(cwd: string, given: string | null): Promise<ConfigFile | null> {
  const path = given === null ? await findFile(cwd) : resolve(cwd, given);
  if (path === null) return null;
  if (given !== null && !(await isFile(path))) {
    throw invalid(`The configuration file must exist; there is none at ${path}. Check --config or PARLOR_CONFIG.`);
  }
  const name = basename(path);
  const value = await importDefault(path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${name} must end in "export default defineConfig({ … })"; found no object as its default export.`);
  }
  return { path, name, value: value as Record<string, unknown> };
}

async function findFile(cwd: string): Promise<string | null> {
  const found: string[] = [];
  for (const name of NAMES) if (await isFile(join(cwd, name))) found.push(name);
  if (found.length > 1)
    throw invalid(`There must be one configuration file; found ${found.join(" and ")} in ${cwd}. Keep one.`);
  return found[0] === undefined ? null : join(cwd, found[0]);
}

async function importDefault(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  resolveOwnPackage(url);
  try {
    const module = (await import(url)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    const place = placeInStack(path, url, error);
    throw invalid(`${place} cannot be used: ${sentence(error)} Correct the file.`, error);
  }
}

/** The file and, where the error tells it, the line. */
function placeInStack(path: string, url: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const start of [`${url}:`, `${path}:`, `${fileURLToPath(url)}:`]) {
    const at = stack.indexOf(start);
    const line = at === -1 ? undefined : /^\d+/.exec(stack.slice(at + start.length))?.[0];
    if (line !== undefined) return `${path}:${line}`;
  }
  return path;
}

function sentence(error: unknown): string {
  const text = errorMessage(error).split("\n")[0]?.trim() ?? "";
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return `${name}${/[.!?]$/.test(text) ? text : `${text}.`}`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return false;
    throw invalid(`The configuration file ${path} must be readable; found ${errorMessage(error)}.`, error);
  }
}

function invalid(message: string, cause?: unknown): ParlorError {
  return new ParlorError("INVALID_CONFIG", message, { cause });
}
