import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { ParlorError } from "../../src/core/errors.ts";
import type { LifecycleEvent } from "../../src/core/lifecycle-event.ts";
import { openSqliteReader } from "../../src/sqlite.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { call, configOf, createSilentGateway, say, scratchFolder, startGateway, transcript } from "./gateway-setup.ts";

function isFault(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ParlorError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** Whether nobody holds the database: its log can be left, which takes it alone. */
function isReleased(home: string): boolean {
  const db = new DatabaseSync(join(home, "parlor.db"), { timeout: 0 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL");
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}

describe("a gateway", { timeout: 120_000 }, () => {
  it("accepts, answers in order, and finds what was said", async () => {
    await using gateway = await startGateway(await configOf(scratchFolder()));
    const first = await say(gateway.url, "hello", { wait: 20 });
    assert.equal(first.status, 200);
    assert.deepEqual([first.body["reply"], first.body["state"], first.body["seq"]], ["hello", "answered", 1]);
    const second = await say(gateway.url, "and again", { id: "m-2" });
    assert.deepEqual([second.status, second.body["session"], second.body["seq"]], [202, first.body["session"], 3]);
    const again = await say(gateway.url, "and again", { id: "m-2", wait: 20 });
    assert.deepEqual([again.body["duplicate"], again.body["reply"]], [true, "and again"]);
    assert.deepEqual(await transcript(gateway.url, first.body["session"]), [
      "user hello answered",
      "assistant hello said",
      "user and again answered",
      "assistant and again said",
    ]);
    const { body } = await call(`${gateway.url}/api/search?q=again`, "GET");
    assert.equal((body["hits"] as unknown[]).length, 2);
  });

  it("stores nothing for a look, a probe and a signal", async () => {
    const home = scratchFolder();
    await using gateway = await startGateway(await configOf(home));
    await call(`${gateway.url}/api/chats/lobby/session?from=ada`, "GET");
    await call(`${gateway.url}/healthz`, "GET");
    await call(`${gateway.url}/readyz`, "GET");
    assert.deepEqual((await call(`${gateway.url}/hooks/demo`, "POST", { type: "ping" })).body, { signal: true });
    assert.deepEqual((await say(gateway.url, "  ")).body, { signal: true });
    using reader = openSqliteReader(join(home, "parlor.db"));
    assert.equal((await reader.stats()).sessions, 0);
  });

  it("stops a run whose session is reset, answers who waits, and goes on in the next session", async () => {
    const agent = createFakeAgent();
    agent.next(["half an ans", HANG]);
    await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
    const waiting = say(gateway.url, "a long question", { wait: 30 });
    const run = await agent.started(1);
    const reset = await call(`${gateway.url}/api/chats/lobby/reset?from=ada`, "POST");
    assert.equal(reset.status, 200);
    assert.equal(await run.ended, "aborted");
    const cancelled = await waiting;
    assert.deepEqual([cancelled.body["state"], cancelled.body["reply"]], ["cancelled", null]);
    assert.deepEqual(await transcript(gateway.url, run.turn.sessionId), ["user a long question cancelled"]);

    const next = await say(gateway.url, "another one", { wait: 30 });
    assert.equal(next.body["state"], "answered");
    assert.notEqual(next.body["session"], run.turn.sessionId);
    assert.deepEqual((await agent.started(2)).turn.reset, { reason: "command", hadActivity: true });
  });

  it("stops a run whose session is erased, and nothing of it comes back", async () => {
    const agent = createFakeAgent();
    agent.next(["half an ans", HANG]);
    await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
    const waiting = say(gateway.url, "a secret", { wait: 30, id: "m-1" });
    const run = await agent.started(1);
    const erased = await call(`${gateway.url}/api/sessions/${run.turn.sessionId}`, "DELETE");
    assert.equal(erased.status, 200);
    assert.equal(await run.ended, "aborted");
    assert.deepEqual([(await waiting).body["state"], (await waiting).body["reply"]], ["erased", null]);
    assert.equal((await call(`${gateway.url}/api/sessions/${run.turn.sessionId}`, "GET")).status, 410);
    assert.equal((await say(gateway.url, "a secret", { id: "m-1" })).status, 410);
  });

  it("lets a turn finish when it stops, and says so", async () => {
    const home = scratchFolder();
    const agent = createFakeAgent();
    const { promise, resolve } = Promise.withResolvers<void>();
    agent.next([{ wait: promise }, "done in time"]);
    const gateway = await startGateway(await configOf(home, { answers: agent }));
    const { body } = await say(gateway.url, "hello");
    await agent.started(1);
    const stopped = gateway.stop();
    resolve();
    assert.partialDeepStrictEqual(await stopped, { finishedTurns: 1, leftTurns: [] });
    using reader = openSqliteReader(join(home, "parlor.db"));
    assert.equal((await reader.reply(String(body["session"]), 1))?.state, "answered");
  });

  it("hands back what does not finish, tells who waits, and answers it when it runs again", async () => {
    const home = scratchFolder();
    const agent = createFakeAgent();
    agent.next([HANG]);
    const config = await configOf(home, { answers: agent });
    const gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 50 } });
    const waiting = say(gateway.url, "hello", { wait: 60 });
    const run = await agent.started(1);
    assert.partialDeepStrictEqual(await gateway.stop(), { finishedTurns: 0, leftTurns: [run.turn.turnId] });
    assert.equal(await run.ended, "aborted");
    assert.equal((await waiting).status, 202);

    await using again = await startGateway(config);
    assert.equal((await agent.started(2)).turn.turnId, run.turn.turnId);
    const { body } = await say(again.url, "and?", { wait: 30 });
    assert.equal(body["state"], "answered");
  });

  it("stops once, whoever asks, and takes nothing any more", async () => {
    const home = scratchFolder();
    const gateway = await startGateway(await configOf(home));
    const [first, second] = await Promise.all([gateway.stop(), gateway.stop()]);
    assert.deepEqual(first, second);
    await gateway[Symbol.asyncDispose]();
    await assert.rejects(gateway.fetch(new Request("http://localhost/healthz")), isFault("STORE_UNAVAILABLE"));
    await assert.rejects(
      gateway.receive({ kind: "signal", source: sourceOf(), name: "ping" }),
      isFault("STORE_UNAVAILABLE"),
    );
    await assert.rejects(fetch(`${gateway.url}/healthz`), TypeError);
    assert.ok(isReleased(home));
  });

  it("starts once, whoever asks", async () => {
    const gateway = createSilentGateway(await configOf(scratchFolder()));
    const [first, second] = await Promise.all([gateway.start(), gateway.start()]);
    assert.deepEqual(first, second);
    await gateway.stop();
  });

  it("is not started after it was stopped", async () => {
    const home = scratchFolder();
    const gateway = createSilentGateway(await configOf(home));
    const nothing = { finishedTurns: 0, leftTurns: [], doubtfulDeliveries: [], waiting: null };
    assert.deepEqual(await gateway.stop(), nothing);
    await assert.rejects(gateway.start(), isFault("START_FAILED"));
  });

  it("leaves nothing open when its port is in use", async () => {
    const home = scratchFolder();
    const other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const config = await configOf(home, { hooks: { "session:start": () => undefined } });
    const gateway = createSilentGateway({ ...config, server: { ...config.server, port } });
    await assert.rejects(gateway.start(), isFault("START_FAILED"));
    const nothing = { finishedTurns: 0, leftTurns: [], doubtfulDeliveries: [], waiting: null };
    assert.deepEqual(await gateway.stop(), nothing);
    assert.ok(isReleased(home));
    await once(other.close(), "close");
  });

  it("lets its process end after a start that failed and after a stop", async () => {
    const child = new URL("start-stop-child.ts", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [child, scratchFolder()], { timeout: 60_000 });
    assert.equal(stdout, "START_FAILED\nanswered\nstopped\n");
  });

  it("tells hooks of a session and its turns in order, from the first message on", async () => {
    const seen: LifecycleEvent[] = [];
    const note = (event: LifecycleEvent): void => void seen.push(event);
    const config = await configOf(scratchFolder(), {
      hooks: { "session:start": note, "session:end": note, "turn:start": note, "turn:end": note },
    });
    await using gateway = await startGateway(config);
    const { body } = await say(gateway.url, "hello", { wait: 30 });
    await call(`${gateway.url}/api/sessions/${String(body["session"])}/reset`, "POST");
    while (seen.length < 4) await pause(5);
    assert.deepEqual(
      seen.map(({ type }) => type),
      ["session:start", "turn:start", "turn:end", "session:end"],
    );
    assert.deepEqual(new Set(seen.map(({ sessionId }) => sessionId)), new Set([body["session"]]));
    const [start, turn, end, over] = seen;
    assert.ok(start?.type === "session:start" && start.epoch === 1 && start.reset === null);
    assert.ok(turn?.type === "turn:start" && end?.type === "turn:end" && turn.turnId === end.turnId);
    assert.ok(end.outcome === "done" && over?.type === "session:end" && over.reason === "command");
  });

  it("carries out a command once, however often it comes", async () => {
    const agent = createFakeAgent();
    agent.next([HANG], [HANG]);
    const config = await configOf(scratchFolder(), { answers: agent });
    const gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 10 } });
    await say(gateway.url, "first");
    const run = await agent.started(1);
    const stop = await say(gateway.url, "/stop", { id: "stop-1" });
    assert.deepEqual([stop.body["command"], stop.body["duplicate"]], ["stop", undefined]);
    assert.equal(await run.ended, "aborted");
    await say(gateway.url, "second");
    const later = await agent.started(2);
    const again = await say(gateway.url, "/stop", { id: "stop-1" });
    assert.equal(again.body["duplicate"], true);
    assert.equal(later.signal.aborted, false);
    await gateway.stop();
  });
});
