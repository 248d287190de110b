import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { openServer } from "../../src/http/server.ts";
import type { HttpServer } from "../../src/http/server.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { openApp } from "./app-setup.ts";
import type { AppSetup, AppUnderTest } from "./app-setup.ts";
import type { Body } from "./body.ts";

const PATH = "/api/chats/tea/messages";

async function listen(setup: AppSetup = {}): Promise<{ under: AppUnderTest; server: HttpServer } & AsyncDisposable> {
  const under = await openApp({ demoHook: true, ...setup });
  const server = await openServer(under.app, {
    host: "127.0.0.1",
    port: 0,
    onFault: (error) => {
      throw error;
    },
  });
  return {
    under,
    server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await under[Symbol.asyncDispose]();
    },
  };
}

function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
    ...init,
  });
}

async function openSocket(server: HttpServer): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

describe("over a socket", () => {
  test("a message is stored", async () => {
    await using open = await listen();
    const response = await post(open.server.url + PATH, { from: "ada", text: "héllo 三" });
    assert.equal(response.status, 202);
    const { session } = (await response.json()) as Body;
    const { items } = await open.under.store.reader.transcript(session);
    assert.equal(items[0]?.text, "héllo 三");
  });

  test("the demo hook knows its neighbour", async () => {
    await using open = await listen();
    assert.equal((await post(`${open.server.url}/hooks/demo`, { from: "ada", text: "hello" })).status, 202);
  });

  test("a body may come in any pieces", async () => {
    await using open = await listen();
    const socket = await openSocket(open.server);
    const body = JSON.stringify({ from: "ada", text: "三" });
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (const byte of Buffer.from(body)) {
      socket.write("1\r\n");
      socket.write(Buffer.from([byte]));
      socket.write("\r\n");
    }
    socket.write("0\r\n\r\n");
    assert.match(await text(socket), /^HTTP\/1\.1 202 /);
  });

  test("a body without an end is cut off at the limit", async () => {
    await using open = await listen({ maxBodyBytes: 1_000 });
    const socket = await openSocket(open.server);
    socket.on("error", () => {});
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let count = 0; count < 10; count += 1) socket.write(`c8\r\n${"x".repeat(200)}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    assert.match(answer.toString(), /^HTTP\/1\.1 413 [^]*urn:parlor:problem:too-large/);
  });

  test("a sender that leaves within its body stores nothing, and is no fault", async () => {
    await using open = await listen();
    const body = JSON.stringify({ from: "ada", text: "hello" });
    const head = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    const socket = await openSocket(open.server);
    socket.end(`${head}Content-Length: ${body.length + 1}\r\n\r\n${body}`);
    socket.resume();
    await once(socket, "close");
    await settle();
    assert.equal((await open.under.store.reader.stats()).sessions, 0);
    assert.deepEqual(open.under.faults, []);
  });

  for (const [what, head] of [
    ["a host that cannot be read", "GET /healthz HTTP/1.1\r\nHost: a b\r\n"],
    ["no host", "GET /healthz HTTP/1.1\r\n"],
    ["a header that is too long", `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n`],
  ] as const) {
    test(`${what} is refused`, async () => {
      await using open = await listen();
      const socket = await openSocket(open.server);
      socket.write(`${head}Connection: close\r\n\r\n`);
      assert.match(await text(socket), /^HTTP\/1\.1 4(?:00|31) /);
    });
  }

  test("a foreign host is refused", async () => {
    await using open = await listen();
    const socket = await openSocket(open.server);
    socket.write("GET /api/sessions HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert.match(await text(socket), /^HTTP\/1\.1 400 [^]*urn:parlor:problem:foreign-host/);
  });

  test("a stream is read as it comes, and leaving it does not cancel the turn", async () => {
    await using open = await listen();
    const leave = new AbortController();
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const response = await post(
      open.server.url + PATH,
      { from: "ada", text: "hello" },
      { headers, signal: leave.signal },
    );
    const reader = response.body?.getReader();
    const first = await reader?.read();
    assert.match(Buffer.from(first?.value ?? []).toString(), /^event: accepted\n/);
    leave.abort();
    await open.under.answer("Hello, Ada.");
    const again = await post(`${open.server.url}${PATH}?wait=1`, { from: "ada", text: "/status" });
    assert.match(((await again.json()) as Body).reply, /2 entries/);
  });
});

describe("closing", () => {
  test("lets an answer out that is being waited for", async () => {
    await using open = await listen();
    const waiting = post(`${open.server.url}${PATH}?wait=30`, { from: "ada", text: "hello" });
    await eventually(async () => (await open.under.store.reader.stats()).sessions === 1);
    const closed = open.server.close(60_000);
    await open.under.answer("Hello, Ada.");
    assert.equal(((await (await waiting).json()) as Body).reply, "Hello, Ada.");
    await closed;
    await assert.rejects(post(open.server.url + PATH, { from: "ada", text: "hello" }));
  });

  test("cuts off what takes too long", async () => {
    await using open = await listen();
    const waiting = post(`${open.server.url}${PATH}?wait=30`, { from: "ada", text: "hello" });
    await eventually(async () => (await open.under.store.reader.stats()).sessions === 1);
    await Promise.all([assert.rejects(waiting), open.server.close(0)]);
  });

  test("twice is closing once", async () => {
    await using open = await listen();
    assert.equal(open.server.close(0), open.server.close(1_000));
    await open.server.close(0);
  });
});

describe("an address that cannot be had", () => {
  test("is told with what to do when the port is in use", async () => {
    await using open = await listen();
    const options = { host: "127.0.0.1", port: open.server.port, onFault: () => {} };
    await assert.rejects(openServer(open.under.app, options), (error: unknown) => {
      assert.ok(error instanceof ParlorError);
      assert.equal(error.code, "START_FAILED");
      assert.match(error.message, /^Port \d+ on 127\.0\.0\.1 is in use\. .*PORT/);
      return true;
    });
  });

  test("is told with what to do when the machine does not have it", async () => {
    await using under = await openApp();
    const options = { host: "192.0.2.1", port: 0, onFault: () => {} };
    await assert.rejects(
      openServer(under.app, options),
      /^ParlorError: This machine has no address 192\.0\.2\.1\. Set HOST/,
    );
  });
});
