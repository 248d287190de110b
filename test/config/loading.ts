import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { LoadedConfig } from "../../src/config/config.ts";
import type { ConfigOverrides } from "../../src/config/layers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ParlorError } from "../../src/core/errors.ts";

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the working directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly overrides?: ConfigOverrides;
}

/** A folder of its own for a test. */
export function createFolder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-config-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Loads a configuration from nothing but what is given. */
export async function load(t: TestContext, given: Given = {}): Promise<LoadedConfig> {
  const { env = {}, files = {}, overrides = {} } = given;
  return await loadConfig({ env: { HOME: "/home/ada", ...env }, cwd: createFolder(t, files), overrides });
}

/** The message of the refusal that is expected. */
export async function refusal(t: TestContext, given: Given): Promise<string> {
  const error = await load(t, given).then(
    () => assert.fail("the configuration was accepted"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ParlorError, String(error));
  assert.equal(error.code, "INVALID_CONFIG");
  return error.message;
}
