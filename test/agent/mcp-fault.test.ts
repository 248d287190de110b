import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "@modelcontextprotocol/client";
import { mcpCallReason, mcpFault } from "../../src/agent/mcp-fault.ts";

test("why a call was refused is told to the model in the words of the server, and to nobody else", () => {
  const refused = new ProtocolError(-32602, "There is no city of that name: wisteria.");
  assert.equal(
    mcpCallReason("box", refused),
    "it answered with error -32602: There is no city of that name: wisteria.",
  );
  assert.ok(mcpCallReason("box", new ProtocolError(-32000, "x".repeat(1_000_000))).length < 1_100);
  const fault = mcpFault("box", refused);
  assert.equal(fault.message, 'The MCP server "box" cannot be used (it answered with error -32602).');
  assert.ok(!String(fault.cause).includes("wisteria"));
});
