/** The guides are run as they stand: their blocks of code, and a shell with `parlor` to type them into. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { createPlace } from "./cli/parlor.ts";

const ROOT = join(import.meta.dirname, "..");

export interface Guide {
  readonly text: string;
  /** Those of a language, in order. What cannot be run anywhere has its reason in a comment above it, and is left out. */
  blocks(language: string): readonly string[];
}

export interface Shell {
  /** Where it begins; also the home directory. */
  readonly folder: string;
  readonly env: { readonly PATH: string; readonly HOME: string; readonly PORT: string };
  /** Runs a block to its end and returns what it printed. */
  run(code: string): Promise<string>;
}

/** The guide of this name in `docs/guide`. */
export function readGuide(name: string): Guide {
  const text = readFileSync(join(ROOT, `docs/guide/${name}.md`), "utf8");
  return {
    text,
    blocks: (language) => {
      const block = new RegExp(`^(<!-- not run: [^\\n]+ -->\\n\\n)?\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
      return [...text.matchAll(block)].flatMap(([, reason, code = ""]) => (reason === undefined ? [code] : []));
    },
  };
}

/** A shell in a folder of its own; `path` comes before that of the machine. */
export function createShell(
  t: TestContext,
  { port = 0, path = [] }: { readonly port?: number; readonly path?: readonly string[] } = {},
): Shell {
  const { folder } = createPlace(t);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "parlor"), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "src/bin.ts")}' "$@"\n`);
  chmodSync(join(bin, "parlor"), 0o755);
  const env = {
    PATH: [...path, bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: folder,
    PORT: String(port),
  };
  return {
    folder,
    env,
    run: async (code) => (await promisify(execFile)("bash", ["-ec", code], { cwd: folder, env })).stdout,
  };
}
