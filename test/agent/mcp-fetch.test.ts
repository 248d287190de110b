import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import type { FetchLike } from "@modelcontextprotocol/client";
import { createMcpFetch, RedirectError } from "../../src/agent/mcp-fetch.ts";
import { openFileServer, type FileServer } from "./file-server.ts";

const MIB = 1_048_576;
const POST = { method: "POST", body: "{}" };

async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FileServer & { readonly fetch: FetchLike }> {
  const server = await openFileServer(answer);
  t.after(() => server[Symbol.asyncDispose]());
  return { ...server, fetch: createMcpFetch({ allowPrivate: true }) };
}

/** Writes it over and over, until nobody reads it any more. */
function forEver(response: ServerResponse, piece: string): void {
  while (!response.destroyed && response.write(piece));
  if (!response.destroyed) response.once("drain", () => forEver(response, piece));
}

test("a response that does not end is left, also when it is one event of a stream", async (t) => {
  for (const type of ["application/json", "text/event-stream"]) {
    const closed = Promise.withResolvers<void>();
    const server = await serve(t, (_, response) => {
      response.on("close", closed.resolve);
      response.writeHead(200, { "content-type": type });
      response.write("data: ");
      forEver(response, "x".repeat(MIB));
    });
    const response = await server.fetch(server.url, POST);
    await assert.rejects(response.text(), /too long/, type);
    await closed.promise;
  }
});

test("a stream of many events may be longer than one of them", async (t) => {
  const event = `data: ${"x".repeat(MIB)}`;
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let count = 0; count < 20; count += 1) {
      // Blank lines may come in two pieces.
      response.write(`${event}\r\n`);
      response.write("\r\n");
    }
    response.end();
  });
  const response = await server.fetch(server.url, POST);
  assert.equal((await response.text()).length, 20 * (event.length + 4));
});

test("a stream of news is not asked for, one that broke off is", async (t) => {
  const server = await serve(t, (_, response) =>
    response.writeHead(200, { "content-type": "text/event-stream" }).end(),
  );
  assert.equal((await server.fetch(server.url, { headers: { accept: "text/event-stream" } })).status, 405);
  assert.deepEqual(server.asked, []);
  assert.equal((await server.fetch(server.url, { headers: { "last-event-id": "7" } })).status, 200);
  assert.deepEqual(server.asked, ["/"]);
});

test("a redirect is an error, and a status that there is none of as well, and neither is read", async (t) => {
  const closed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = await serve(t, (request, response) => {
    const isMoved = request.url === "/moved";
    response.on("close", () => closed[isMoved ? 0 : 1]?.resolve());
    response.writeHead(isMoved ? 302 : 999, { location: "/elsewhere" }).write("x");
  });
  await assert.rejects(Promise.resolve(server.fetch(`${server.url}/moved`, POST)), RedirectError);
  await assert.rejects(Promise.resolve(server.fetch(`${server.url}/odd`, POST)), RangeError);
  await Promise.all(closed.map(({ promise }) => promise));
});
