import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { PROBLEMS } from "../../src/http/problem.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/errors.md"), "utf8");
const rows = [...page.matchAll(/^\| `([A-Z_]+)` *\| *(\S+) *\|/gm)].map(([, code = "", status = ""]) => ({
  code,
  status,
}));

it("every error code is documented, and no other", () => {
  assert.deepEqual(rows.map(({ code }) => code).toSorted(), ERROR_CODES.toSorted());
});

it("the statuses it names are ones that HTTP callers get", () => {
  const known = new Set(Object.values(PROBLEMS).map(({ status }) => String(status)));
  const named = rows.map(({ status }) => status).filter((status) => status !== "–");
  assert.ok(named.length > 0);
  for (const status of named) assert.ok(known.has(status), status);
});
