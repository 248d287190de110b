import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseCommand } from "../../src/command/parse-command.ts";

describe("a command", () => {
  for (const [text, name, argument] of [
    ["/new", "new", ""],
    ["/New", "new", ""],
    ["/new ", "new", ""],
    ["/title Tea for two", "title", "Tea for two"],
    ["/title\nTea\nfor two\n", "title", "Tea\nfor two"],
    ["/a-b_c1 x", "a-b_c1", "x"],
    ["/löschen", "löschen", ""],
  ] as const) {
    test(`${JSON.stringify(text)} is /${name} with ${JSON.stringify(argument)}`, () => {
      assert.deepEqual(parseCommand(text), { name, argument });
    });
  }
});

describe("a message", () => {
  for (const text of [
    "",
    "hello",
    "/",
    "/ new",
    "//",
    "/etc/hosts is broken",
    "/new.",
    "/new@bot",
    " /new",
    "see /new",
    `/${"x".repeat(33)}`,
  ]) {
    test(`${JSON.stringify(text)} is no command`, () => {
      assert.equal(parseCommand(text), null);
    });
  }

  test("nothing without a slash in front is a command", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.ok(text.startsWith("/") || parseCommand(text) === null);
      }),
    );
  });
});
