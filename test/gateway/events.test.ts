import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openSqliteStore } from "../../src/sqlite.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { readEvents } from "../http/event-stream.ts";
import type { OpenStream } from "../http/event-stream.ts";
import { call, configOf, say, scratchFolder, startGateway } from "./gateway-setup.ts";

async function open(url: string, query = ""): Promise<OpenStream> {
  const { body } = await fetch(`${url}/api/events${query}`);
  assert.ok(body !== null);
  return readEvents(body);
}

/** Waits until the stream has these events, in this order among others. */
async function until(stream: OpenStream, ...expected: readonly string[]): Promise<void> {
  for (;;) {
    const names = stream.events.map(({ event }) => event);
    let from = 0;
    if (expected.every((name) => (from = names.indexOf(name, from) + 1) > 0)) return;
    await pause(5);
  }
}

describe("live events of a gateway", { timeout: 120_000 }, () => {
  it("tell of a message, its turn and its reply, of a title, a reset and an erasure", async () => {
    await using gateway = await startGateway(await configOf(scratchFolder()));
    await using stream = await open(gateway.url);
    await using chat = await open(gateway.url, "?chat=lobby&from=ada");
    const { body } = await say(gateway.url, "hello", { wait: 30 });
    const session = String(body["session"]);
    for (const read of [stream, chat]) {
      await until(read, "session:start", "message:accept");
      await until(read, "turn:start", "turn:end");
      await until(read, "reply:start", "reply:text", "reply:end");
    }
    await call(`${gateway.url}/api/sessions/${session}`, "PATCH", { title: "Hall" });
    await call(`${gateway.url}/api/sessions/${session}/reset`, "POST");
    await call(`${gateway.url}/api/sessions/${session}`, "DELETE");
    for (const read of [stream, chat]) await until(read, "session:update", "session:end", "session:erase");
  });

  it("count in the numbers what was received", async () => {
    await using gateway = await startGateway(await configOf(scratchFolder()));
    await say(gateway.url, "hello", { wait: 30 });
    for (let ping = 0; ping < 3; ping += 1) {
      await call(`${gateway.url}/api/chats/hall/messages`, "POST", { type: "ping", from: "bob" });
    }
    const { body } = await call(`${gateway.url}/api/stats`, "GET");
    assert.deepEqual(body, {
      sessions: 1,
      liveSessions: 1,
      emptySessions: 0,
      entries: 2,
      emptySessionsAvoided: 1,
      received: { signal: 3, duplicate: 0, rejected: 0, command: 0, failed: 0, accepted: 1 },
    });
  });

  it("tell of what another process writes", async () => {
    const home = scratchFolder();
    await using gateway = await startGateway(await configOf(home));
    const { body } = await say(gateway.url, "hello", { wait: 30 });
    await using stream = await open(gateway.url);
    await using other = await openSqliteStore({ path: join(home, "parlor.db") });
    await other.erase(String(body["session"]));
    await until(stream, "session:erase");
  });

  it("end with the gateway, after the turns that it lets end, also for who does not read", async () => {
    const agent = createFakeAgent();
    agent.next([HANG]);
    const config = await configOf(scratchFolder(), { answers: agent });
    const gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 10 } });
    await using stream = await open(gateway.url);
    const { port } = new URL(gateway.url);
    const stalled = connect({ host: "127.0.0.1", port: Number(port) });
    stalled.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    stalled.pause();
    await say(gateway.url, "hello");
    await agent.started(1);
    await until(stream, "reply:start");
    await gateway.stop();
    while (!stream.isClosed()) await pause(5);
    assert.equal(stream.events.at(-1)?.event, "reply:end");
    stalled.destroy();
  });
});
