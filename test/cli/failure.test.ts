import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../../src/cli/failure.ts";
import { ParlorError } from "../../src/core/errors.ts";

test("a fault that Parlor has words for says them and nothing else", () => {
  const error = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { cause: new Error("inner") });
  assert.deepEqual(failureOf(error, true), { code: "STORE_UNAVAILABLE", message: "The disk is full." });
});

test("an unknown fault shows its place only to whoever asked for it", () => {
  const error = new TypeError("x is not a function");
  const quiet = failureOf(error, false);
  assert.equal(quiet.code, "INTERNAL");
  assert.match(quiet.message, /x is not a function/);
  assert.match(quiet.message, /LOG_LEVEL=debug/);
  assert.doesNotMatch(quiet.message, /failure\.test/);
  assert.match(failureOf(error, true).message, /x is not a function[^]*failure\.test/);
});
