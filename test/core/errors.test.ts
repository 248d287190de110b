import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ERROR_CODES, ParlorError, errorMessage } from "../../src/core/errors.ts";

test("a fault carries its code and message, and is not worth repeating unless that is said", () => {
  for (const code of ERROR_CODES) {
    const error = new ParlorError(code, "What to do.");
    assert.ok(error instanceof Error);
    assert.equal(error.name, "ParlorError");
    assert.equal(error.code, code);
    assert.equal(error.message, "What to do.");
    assert.equal(error.retryable, false);
    assert.equal("cause" in error, false);
    assert.match(String(error.stack), /^ParlorError: What to do\./);
    assert.equal(new ParlorError(code, "", { retryable: true }).retryable, true);
  }
});

test("a fault keeps its cause", () => {
  const cause = new Error("disk");
  assert.equal(new ParlorError("STORE_UNAVAILABLE", "Try again.", { cause, retryable: true }).cause, cause);
});

test("error codes are unique and SCREAMING_SNAKE", () => {
  assert.equal(new Set(ERROR_CODES).size, ERROR_CODES.length);
  for (const code of ERROR_CODES) assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
});

test("whatever was thrown has a message", () => {
  const unprintable = {
    toString: () => {
      throw new Error("again");
    },
  };
  for (const thrown of [
    undefined,
    null,
    "",
    0,
    Symbol("s"),
    Object.create(null),
    unprintable,
    Object.assign(new Error("x"), { message: "" }),
  ]) {
    assert.notEqual(errorMessage(thrown), "");
  }
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (thrown) => assert.ok(errorMessage(thrown).length > 0)),
  );
  assert.equal(errorMessage(new ParlorError("GONE", "It is gone.")), "It is gone.");
  assert.equal(errorMessage("plain"), "plain");
});
