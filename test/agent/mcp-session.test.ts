/** Servers over HTTP of the protocol before 2026, which have sessions. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createMcpConnection, type McpConnection } from "../../src/agent/mcp-connection.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openMcpSessionServer } from "./mcp-session-server.ts";
import { createToolbox, type ToolboxEvent } from "./mcp-toolbox.ts";

const STILL = new AbortController().signal;
const ALL = ["exit", "fail", "grow", "hold", "long", "picture", "search"];

async function open(t: TestContext, unknown?: number) {
  const seen: ToolboxEvent[] = [];
  const server = await openMcpSessionServer(
    () => createToolbox({ record: (event) => seen.push(event), released: Promise.resolve() }),
    unknown,
  );
  const connection = createMcpConnection({
    name: "box",
    server: { url: server.url, allowPrivate: true },
    clock: systemClock,
    onStderr: () => {},
  });
  t.after(async () => {
    await connection.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, seen, connection };
}

function call(connection: McpConnection, tool: string, signal: AbortSignal = STILL) {
  return connection.call({ tool, input: {}, meta: {} }, signal);
}

async function namesOf(connection: McpConnection): Promise<readonly string[]> {
  return (await connection.tools(STILL)).map(({ name }) => name).toSorted();
}

test("a server of the protocol before has one session, and another one when it has forgotten that", async (t) => {
  const { server, seen, connection } = await open(t);
  assert.deepEqual(await namesOf(connection), ALL);
  await call(connection, "search");
  assert.equal(server.sessions(), 1);
  server.forget();
  assert.deepEqual((await call(connection, "search")).content, [{ type: "text", text: "Found nothing." }]);
  assert.equal(server.sessions(), 2);
  const controller = new AbortController();
  const aborted = call(connection, "exit", controller.signal);
  while (!seen.some((event) => typeof event === "object" && event.tool === "exit")) await new Promise(setImmediate);
  controller.abort(new Error("stop"));
  await assert.rejects(aborted);
  assert.deepEqual(await namesOf(connection), ALL, "the connection goes on");
  await connection.close();
  assert.equal(server.open(), 0, "it is told of the end");
  assert.equal(server.listening(), 0, "nobody listens for news");
});

test("a server that answers 400 for a session that it has forgotten is asked over a new one", async (t) => {
  const { server, connection } = await open(t, 400);
  await namesOf(connection);
  server.forget();
  assert.deepEqual(await namesOf(connection), ALL);
  assert.equal(server.sessions(), 2);
});
