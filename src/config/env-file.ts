import { chmod, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual, parseEnv } from "node:util";
import { ParlorError, errorMessage } from "../core/errors.ts";

/**
 * Keeps a variable in the `.env` of a folder, in place of what it was there, and leaves the rest as it is.
 * The file is readable by its owner alone afterwards. Returns its path.
 *
 * @throws ParlorError `INVALID_CONFIG` when the file cannot be read or written.
 */
export async function keepInEnvFile(folder: string, name: string, value: string): Promise<string> {
  const path = join(folder, ".env");
  try {
    const target = await realpath(path).catch(() => path);
    const before = await readText(target);
    const text = withVariable(before, name, value);
    // Such as a line that is part of a longer value in quotes.
    if (!isDeepStrictEqual({ ...parseEnv(text) }, { ...parseEnv(before), [name]: value }))
      throw new Error(`lines that cannot be told apart; write ${name} into it by hand`);
    // Beside it first: a crash leaves the old file or the new one, and never half of a secret.
    const draft = `${target}.${process.pid}.tmp`;
    try {
      await writeFile(draft, text, { mode: 0o600, flag: "wx" });
      await chmod(draft, 0o600);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return path;
  } catch (error) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `${path} must be a file that can be changed; found ${errorMessage(error)}.`,
      {
        cause: error,
      },
    );
  }
}

function withVariable(text: string, name: string, value: string): string {
  const lines = text.split("\n");
  const isIt = (line: string): boolean => new RegExp(String.raw`^\s*(?:export\s+)?${name}\s*=`).test(line);
  const kept = lines.filter((line) => !isIt(line));
  while (kept.at(-1)?.trim() === "") kept.pop();
  return [...kept, `${name}=${value}`, ""].join("\n");
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
