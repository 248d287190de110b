import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createMcpConnection, type McpConnection } from "../../src/agent/mcp-connection.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { isRunning } from "./is-running.ts";

const STILL = new AbortController().signal;

/** A program that does what `body` says for each message; `say` answers one, and `note` keeps a number in the file `seen`. */
function program(t: TestContext, body: string, clock = systemClock) {
  const folder = mkdtempSync(join(tmpdir(), "parlor-mcp-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const seen = join(folder, "seen");
  writeFileSync(seen, "");
  const script = join(folder, "server.mjs");
  writeFileSync(
    script,
    `import { spawn } from "node:child_process";
     import { appendFileSync } from "node:fs";
     import { createInterface } from "node:readline";
     const note = (number) => appendFileSync(${JSON.stringify(seen)}, number + "\\n");
     const say = (id, result) => console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
     const tools = (id) => say(id, { tools: [{ name: "leave", inputSchema: { type: "object" } }] });
     const hello = (id, { protocolVersion }) =>
       say(id, { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "odd", version: "1" } });
     note(process.pid);
     createInterface({ input: process.stdin }).on("line", (line) => {
       const { id, method, params } = JSON.parse(line);
       ${body}
     });`,
  );
  const connection: McpConnection = createMcpConnection({
    name: "odd",
    server: { command: [process.execPath, script], cwd: folder, env: {} },
    clock,
    onStderr: () => {},
  });
  t.after(() => connection.close());
  const noted = (): readonly string[] => readFileSync(seen, "utf8").split("\n").slice(0, -1);
  return { connection, noted };
}

test("a program that has ended is started again, also when a process that it let go holds its output open", async (t) => {
  const { connection, noted } = program(
    t,
    `if (method === "initialize") hello(id, params);
     if (method === "tools/list") tools(id);
     if (method === "tools/call") {
       const stays = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { detached: true, stdio: ["ignore", "inherit", "ignore"] });
       note(stays.pid);
       process.exit();
     }`,
  );
  await connection.tools(STILL);
  const call = { tool: "leave", input: {}, meta: {} };
  await assert.rejects(connection.call(call, STILL), { code: "CONNECTION_CLOSED" });
  const stays = Number(noted()[1]);
  t.after(() => process.kill(stays, "SIGKILL"));
  assert.ok(isRunning(String(stays)));
  assert.deepEqual(
    (await connection.tools(STILL)).map(({ name }) => name),
    ["leave"],
  );
  assert.equal(noted().length, 3);
});

test("a program that says nothing is a fault that may pass, and is ended", async (t) => {
  const clock = createManualClock(0);
  const { connection, noted } = program(t, "", clock);
  const asked = connection.tools(STILL);
  while (noted().length === 0) await new Promise(setImmediate);
  const fault = assert.rejects(asked, {
    name: "AgentError",
    message: 'The MCP server "odd" cannot be used (timed out).',
    retryable: true,
  });
  while (isRunning(noted()[0] ?? "")) {
    clock.advance(30_000);
    await new Promise(setImmediate);
  }
  await fault;
});

test("closing while a program is opened ends it, also one that ends for nothing, and whoever waits is told", async (t) => {
  const { connection, noted } = program(t, `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`);
  const asked = assert.rejects(connection.tools(STILL), { name: "AgentError", retryable: true });
  while (noted().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await connection.close();
  assert.equal(isRunning(noted()[0] ?? ""), false);
  await asked;
});

test("closing while a tool works ends the call", async (t) => {
  const { connection, noted } = program(
    t,
    `if (method === "initialize") hello(id, params);
     if (method === "tools/list") tools(id);
     if (method === "tools/call") note(0);`,
  );
  const call = connection.call({ tool: "leave", input: {}, meta: {} }, STILL);
  const ended = assert.rejects(call, { code: "CONNECTION_CLOSED" });
  while (noted().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await connection.close();
  await ended;
  await assert.rejects(connection.call({ tool: "leave", input: {}, meta: {} }, STILL));
  assert.equal(noted().length, 2, "nothing is started after it");
});
