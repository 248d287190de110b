import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { confirm } from "../../src/cli/confirm.ts";

async function ask(typed: string): Promise<boolean> {
  const input = new PassThrough();
  input.end(typed);
  const output = new PassThrough();
  const isYes = await confirm("Delete it?", input, output);
  assert.equal(String(output.read()), "Delete it? [y/N] ");
  return isYes;
}

test("y and yes mean yes", async () => {
  for (const typed of ["y\n", "Y\n", "yes\n", " Yes \r\n"]) assert.equal(await ask(typed), true, JSON.stringify(typed));
});

test("anything else means no, nothing at all included", async () => {
  for (const typed of ["n\n", "\n", "yeah\n", "no\ny\n", ""])
    assert.equal(await ask(typed), false, JSON.stringify(typed));
});
