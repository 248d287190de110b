import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mcpToolName } from "../../src/agent/mcp-tool-name.ts";

const server = fc.stringMatching(/^[a-z0-9]{1,15}(-[a-z0-9]{1,15})?$/);
const tool = fc.oneof(fc.string({ minLength: 1, maxLength: 100 }), fc.stringMatching(/^[a-z_./-]{1,70}$/));

test("a name that fits stays as it is", () => {
  assert.equal(mcpToolName("files", "read_file"), "files_read_file");
});

test("every name is one that every provider takes", () => {
  fc.assert(fc.property(server, tool, (one, other) => /^[a-zA-Z0-9_-]{1,64}$/.test(mcpToolName(one, other))));
});

test("two tools never have one name", () => {
  fc.assert(
    fc.property(server, tool, server, tool, (one, first, other, second) => {
      fc.pre(one !== other || first !== second);
      return mcpToolName(one, first) !== mcpToolName(other, second);
    }),
  );
  assert.notEqual(mcpToolName("a", "b.c"), mcpToolName("a", "b/c"));
  assert.notEqual(mcpToolName("a", `${"b".repeat(80)}1`), mcpToolName("a", `${"b".repeat(80)}2`));
});
