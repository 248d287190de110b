import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { OPENAI_ERRORS } from "../../src/http/openai-error.ts";
import { CHAT_REFUSALS, RESPONSE_REFUSALS } from "../../src/http/openai-refusals.ts";
import { serve } from "./openai-client.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/guide/openai-api.md"), "utf8");

describe("docs/guide/openai-api.md", () => {
  test("has every error with its status, and no other", () => {
    const rows = page.matchAll(/^\| (\d{3}) +\| (.+?) +\|/gm);
    const listed = [...rows].flatMap(([, status, codes = ""]) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code = ""]) => [code, Number(status)] as const),
    );
    assert.equal(new Set(listed.map(([code]) => code)).size, listed.length);
    assert.deepEqual(Object.fromEntries(listed), OPENAI_ERRORS);
  });

  test("names every parameter that is refused", () => {
    const section = page.split("## What is supported")[1]?.split("\n## ")[0] ?? "";
    for (const { param } of [...CHAT_REFUSALS, ...RESPONSE_REFUSALS]) {
      assert.ok(section.includes(`\`${param}\``), param);
    }
  });

  test("shows a program that runs", async () => {
    await using served = await serve(createEchoAgent());
    const program = /```ts\n([^]*?)```/.exec(page)?.[1]?.replace("http://127.0.0.1:8787", served.gateway.url) ?? "";
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module-typescript", "--eval", program],
      { cwd: root, env: {} },
    );
    assert.equal(stdout, "Hello\nAnd now?\n");
  });
});
