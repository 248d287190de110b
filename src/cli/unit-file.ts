import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ParlorError, errorMessage } from "../core/errors.ts";
import { UNIT_MARK, unitValueOf } from "./unit-text.ts";

/** The unit file of a name, as it was found. */
export type UnitFile =
  | { readonly state: "missing" }
  /** Parlor has written it. */
  | {
      readonly state: "own";
      readonly text: string;
      readonly dataDirectory: string | null;
      readonly url: string | null;
    }
  | { readonly state: "foreign" };

/** What a unit is called: by its name of the command line, and to systemd. */
export interface UnitName {
  readonly unit: string;
  readonly path: string;
}

/** @param configHome - Where the user's own configuration lies. */
export function unitName(configHome: string, name: string): UnitName {
  const unit = `${name}.service`;
  return { unit, path: join(configHome, "systemd/user", unit) };
}

export async function readUnit({ path }: UnitName): Promise<UnitFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { state: "missing" };
    throw unitFault(`${path} cannot be read`, error);
  }
  if (!text.startsWith(`${UNIT_MARK}\n`)) return { state: "foreign" };
  return { state: "own", text, dataDirectory: unitValueOf(text, "Data"), url: unitValueOf(text, "Url") };
}

/** Writes a unit as a whole or not at all. */
export async function writeUnit({ path }: UnitName, text: string): Promise<void> {
  const half = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(half, text, { mode: 0o644 });
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw unitFault(`${path} cannot be written`, error);
  }
}

export async function removeUnit({ path }: UnitName): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw unitFault(`${path} cannot be removed`, error);
  }
}

function unitFault(what: string, error: unknown): ParlorError {
  return new ParlorError("UNIT_FAILED", `${what}: ${errorMessage(error)}.`, { cause: error });
}
