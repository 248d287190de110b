import assert from "node:assert/strict";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { probeGateway } from "../../src/cli/probe-gateway.ts";

async function probed(listener: RequestListener): Promise<string> {
  await using server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const probe = await probeGateway(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.closeAllConnections();
  return probe.outcome === "running" ? probe.outcome : probe.reason.replaceAll(/:\d+/g, "");
}

test("a gateway answers as a gateway does", async () => {
  assert.equal(
    await probed((request, response) => response.end(request.url === "/healthz" ? '{"status":"ok"}' : "")),
    "running",
  );
});

test("another program is told from a gateway", async () => {
  const others: readonly RequestListener[] = [
    (_, response) => response.end("<h1>It works!</h1>"),
    (_, response) => response.end('{"status":"up"}'),
    (_, response) => response.end("null"),
    (_, response) => response.writeHead(404).end('{"status":"ok"}'),
  ];
  for (const other of others) assert.equal(await probed(other), "another program answers at http://127.0.0.1");
});

test("a program that says nothing is not waited for", async () => {
  assert.equal(await probed(() => {}), "http://127.0.0.1 did not answer within 2 seconds");
});

test("a connection that breaks has its reason", async () => {
  assert.match(await probed((_, response) => response.destroy()), /^http:\/\/127\.0\.0\.1 cannot be reached \(.+\)$/);
});
