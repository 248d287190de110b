import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { McpServer as ToolServer } from "@modelcontextprotocol/server";
import { AgentError } from "../../src/agent/agent.ts";
import { createMcpConnection, type McpConnection, type McpServer } from "../../src/agent/mcp-connection.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { isRunning } from "./is-running.ts";
import { openMcpHttpServer, type McpHttpServer } from "./mcp-http-server.ts";
import { createToolbox, type ToolboxEvent } from "./mcp-toolbox.ts";

const PROGRAM = join(import.meta.dirname, "mcp-program.ts");
const STILL = new AbortController().signal;
const ALL = ["exit", "fail", "grow", "hold", "long", "picture", "search"];

interface Started {
  readonly pid: number;
  readonly child: number;
  readonly env: readonly string[];
  readonly cwd: string;
}

function connect(t: TestContext, server: McpServer, onStderr: (line: string) => void = () => {}): McpConnection {
  const connection = createMcpConnection({ name: "box", server, clock: systemClock, onStderr });
  t.after(() => connection.close());
  return connection;
}

/** The toolbox as a program, and what it has noted. */
function program(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "parlor-mcp-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "seen");
  writeFileSync(file, "");
  const seen = (): unknown[] =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
  const server: McpServer = { command: [process.execPath, PROGRAM, file], cwd: folder, env: { ...env } };
  return { server, folder, seen, starts: () => seen().filter((each) => isStart(each)) as Started[] };
}

function isStart(value: unknown): boolean {
  return typeof value === "object" && value !== null && "pid" in value;
}

async function overHttp(t: TestContext) {
  const seen: ToolboxEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const server = await openMcpHttpServer(() =>
    createToolbox({ record: (event) => seen.push(event), released: gate.promise }),
  );
  t.after(() => server[Symbol.asyncDispose]());
  return { server, seen, release: gate.resolve };
}

function httpServer({ url }: McpHttpServer, more: { token?: string; allowPrivate?: boolean } = {}): McpServer {
  return { url, allowPrivate: true, ...more };
}

function call(connection: McpConnection, tool: string, signal: AbortSignal = STILL, input = {}) {
  return connection.call({ tool, input, meta: { "parlor/turnId": "trn_1", "parlor/callIndex": 0 } }, signal);
}

async function namesOf(connection: McpConnection): Promise<readonly string[]> {
  return (await connection.tools(STILL)).map(({ name }) => name).toSorted();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function faultOf(promise: Promise<unknown>): Promise<AgentError> {
  const thrown = await promise.then(
    () => assert.fail("it must fail"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof AgentError, String(thrown));
  return thrown;
}

test("a program is started when it is first asked, once, and does what it is called for", async (t) => {
  const { server, starts } = program(t);
  const connection = connect(t, server);
  assert.deepEqual(starts(), []);
  const lists = await Promise.all([namesOf(connection), namesOf(connection)]);
  assert.deepEqual(lists, [ALL, ALL]);
  assert.deepEqual((await call(connection, "search", STILL, { word: "a cat" })).content, [
    { type: "text", text: "Found a cat." },
  ]);
  assert.equal(starts().length, 1);
});

test("a call carries the turn and its number among the calls of it (I23)", async (t) => {
  const { server, seen } = program(t);
  await call(connect(t, server), "search");
  const meta = seen().flatMap((each) => (isStart(each) ? [] : [(each as { meta: Record<string, unknown> }).meta]));
  assert.equal(meta[0]?.["parlor/turnId"], "trn_1");
  assert.equal(meta[0]?.["parlor/callIndex"], 0);
});

test("a program starts where it was told, with what was declared and no more", async (t) => {
  const { server, folder, starts } = program(t, { PATH: "/usr/bin", ONLY: "this" });
  await namesOf(connect(t, server));
  assert.deepEqual(starts()[0]?.env, ["ONLY", "PATH"]);
  assert.equal(starts()[0]?.cwd, folder);
});

test("what a program writes to standard error is handed on", async (t) => {
  const lines: string[] = [];
  await namesOf(connect(t, program(t).server, (line) => lines.push(line)));
  await until(() => lines.length > 0);
  assert.deepEqual(lines, ["toolbox: ready"]);
});

test("closing ends the program and its children, and nothing is started after it", async (t) => {
  const { server, starts } = program(t);
  const connection = connect(t, server);
  await namesOf(connection);
  const [{ pid, child } = assert.fail("it was started")] = starts();
  await connection.close();
  assert.deepEqual([isRunning(String(pid)), isRunning(String(child))], [false, false]);
  await assert.rejects(connection.tools(STILL), AgentError);
  assert.equal(starts().length, 1);
});

test("a program that has ended is started again by the next turn", async (t) => {
  const { server, starts } = program(t);
  const connection = connect(t, server);
  await namesOf(connection);
  await assert.rejects(call(connection, "exit"));
  await until(() => !isRunning(String(starts()[0]?.child)));
  assert.deepEqual(await namesOf(connection), ALL);
  assert.equal(starts().length, 2);
});

test("tools that come while it runs are there for the next turn", async (t) => {
  const connection = connect(t, program(t).server);
  assert.deepEqual(await namesOf(connection), ALL);
  await call(connection, "grow");
  while ((await namesOf(connection)).length === ALL.length) await new Promise(setImmediate);
  assert.deepEqual(await namesOf(connection), ["another", ...ALL]);
});

test("an abort reaches the program, and its tool has no later effect", async (t) => {
  const { server, seen } = program(t);
  const connection = connect(t, server);
  const controller = new AbortController();
  const held = call(connection, "hold", controller.signal);
  await until(() => JSON.stringify(seen()).includes("hold"));
  controller.abort(new Error("stop"));
  await assert.rejects(held);
  await until(() => seen().includes("cancelled"));
  assert.equal(seen().includes("effect"), false);
  assert.deepEqual(await namesOf(connection), ALL, "the connection goes on");
});

test("who leaves while it is opened does not close it for the others", async (t) => {
  const { server, starts } = program(t);
  const connection = connect(t, server);
  const controller = new AbortController();
  const left = connection.tools(controller.signal);
  const stays = namesOf(connection);
  controller.abort(new Error("stop"));
  await assert.rejects(left, /stop/);
  assert.deepEqual(await stays, ALL);
  assert.equal(starts().length, 1);
});

test("a program that cannot be started is a fault that names the server and will not change", async (t) => {
  const connection = connect(t, { command: ["no-such-program"], cwd: "/", env: {} });
  const { message, retryable } = await faultOf(connection.tools(STILL));
  assert.match(message, /^The MCP server "box" cannot be used\. The command "no-such-program" was not found/);
  assert.match(message, /set mcp\.box\.command/);
  assert.equal(retryable, false);
});

test("a program that ends at once, or says something else, is a fault that may pass", async (t) => {
  const ends = connect(t, { command: ["true"], cwd: "/", env: { PATH: process.env["PATH"] ?? "" } });
  const fault = await faultOf(ends.tools(STILL));
  assert.equal(fault.message, 'The MCP server "box" cannot be used (connection closed).');
  assert.equal(fault.retryable, true);
});

test("over HTTP, tools are listed and called with the token", async (t) => {
  const { server, seen } = await overHttp(t);
  const connection = connect(t, httpServer(server, { token: "s3cret" }));
  assert.deepEqual(await namesOf(connection), ALL);
  assert.deepEqual((await call(connection, "search")).content, [{ type: "text", text: "Found nothing." }]);
  const [event] = seen;
  assert.ok(typeof event === "object" && (event.meta as Record<string, unknown>)["parlor/turnId"] === "trn_1");
  assert.deepEqual([...new Set(server.tokens)], ["Bearer s3cret"]);
});

test("over HTTP, an abort reaches the server, and its tool has no later effect", async (t) => {
  const { server, seen, release } = await overHttp(t);
  const connection = connect(t, httpServer(server));
  const controller = new AbortController();
  const held = call(connection, "hold", controller.signal);
  await until(() => seen.length > 0);
  controller.abort(new Error("stop"));
  await assert.rejects(held);
  await until(() => seen.includes("cancelled"));
  release();
  await new Promise(setImmediate);
  assert.equal(seen.includes("effect"), false);
});

test("over HTTP, a server that has forgotten the connection is asked over a new one", async (t) => {
  const { server, seen } = await overHttp(t);
  const connection = connect(t, httpServer(server));
  await namesOf(connection);
  server.refuse(404, 1);
  assert.equal((await call(connection, "search")).isError, undefined);
  assert.equal(seen.length, 1);
});

test("over HTTP, what is wrong is told without a word of the server's", async (t) => {
  const cases = [
    [500, /^The MCP server "box" cannot be used \(it answered 500\)\.$/, true],
    [401, /\(it answered 401\)\. Set PARLOR_MCP_BOX_TOKEN/, false],
    [302, /\(it answered 302\)\. Redirects are not followed: set mcp\.box\.url/, false],
  ] as const;
  for (const [status, expected, retryable] of cases) {
    const { server } = await overHttp(t);
    server.refuse(status);
    const fault = await faultOf(connect(t, httpServer(server)).tools(STILL));
    assert.match(fault.message, expected);
    assert.equal(fault.retryable, retryable, String(status));
  }
});

test("over HTTP, a server that is not there is a fault that may pass, and is found when it is", async (t) => {
  const { server } = await overHttp(t);
  const connection = connect(t, httpServer(server));
  await server[Symbol.asyncDispose]();
  const fault = await faultOf(connection.tools(STILL));
  assert.equal(fault.message, 'The MCP server "box" cannot be used (connection refused).');
  assert.equal(fault.retryable, true);
});

test("over HTTP, an address that is not public has to be allowed", async (t) => {
  const { server } = await overHttp(t);
  const fault = await faultOf(connect(t, { url: server.url }).tools(STILL));
  assert.match(fault.message, /\(127\.0\.0\.1 is not a public address\)\. .*mcp\.box\.allowPrivate/);
  assert.deepEqual([fault.retryable, server.tokens.length], [false, 0]);
});

test("a server that offers no tools is a fault that says so, and nothing is printed", async (t) => {
  const server = await openMcpHttpServer(() => new ToolServer({ name: "empty", version: "1.0.0" }));
  t.after(() => server[Symbol.asyncDispose]());
  const printed = t.mock.method(console, "debug", () => {});
  const fault = await faultOf(connect(t, httpServer(server)).tools(STILL));
  assert.equal(fault.message, 'The MCP server "box" cannot be used (it offers no tools).');
  assert.deepEqual([fault.retryable, printed.mock.callCount()], [false, 0]);
});

test("over HTTP, a call that may not be made with this token is a fault that says so", async (t) => {
  const { server } = await overHttp(t);
  server.refuse(403, Infinity, { "www-authenticate": 'Bearer error="insufficient_scope"' });
  const fault = await faultOf(connect(t, httpServer(server)).tools(STILL));
  assert.match(fault.message, /\(it answered 403\)\. Set PARLOR_MCP_BOX_TOKEN/);
  assert.equal(fault.retryable, false);
});
