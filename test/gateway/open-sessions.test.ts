import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { AgentError } from "../../src/agent/agent.ts";
import { ParlorError } from "../../src/core/errors.ts";
import { openSessions, type Sessions } from "../../src/gateway/open-sessions.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { HOUR } from "../../src/testing/contract/steps.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { eventually } from "../turn/eventually.ts";
import { scratchFolder } from "./gateway-setup.ts";

async function say(sessions: Sessions, text: string, source = sourceOf()): Promise<{ sessionId: string; seq: number }> {
  const accepted = await sessions.accept(messageOf(text, { source }));
  assert.ok(accepted.outcome === "accepted");
  return { sessionId: accepted.session.id, seq: accepted.seq };
}

/** The last thing that was said in answer. */
async function answerTo(sessions: Sessions, accepted: { sessionId: string; seq: number }): Promise<string | undefined> {
  return (await sessions.replyTo(accepted, 30_000))?.entries.at(-1)?.text;
}

describe("openSessions", { timeout: 120_000 }, () => {
  it("answers with a function what was accepted before and after it was given one", async () => {
    await using sessions = await openSessions({ store: ":memory:" });
    const before = await say(sessions, "early");
    sessions.answer(async ({ messages, transcript }) => `${transcript.length} before ${messages.at(-1)?.text}`);
    assert.equal(await answerTo(sessions, before), "0 before early");
    assert.equal(await answerTo(sessions, await say(sessions, "late")), "2 before late");
  });

  it("answers with an agent", async () => {
    await using sessions = await openSessions({ store: ":memory:" });
    sessions.answer(createFakeAgent({ script: () => ["in ", "pieces"] }));
    const reply = await sessions.replyTo(await say(sessions, "hello"));
    assert.deepEqual([reply?.state, reply?.entries.map(({ text }) => text)], ["answered", ["in pieces"]]);
  });

  it("answers null when a reply takes longer than the caller waits", async () => {
    await using sessions = await openSessions({ store: ":memory:" });
    assert.equal(await sessions.replyTo(await say(sessions, "nobody answers"), 1), null);
  });

  it("tries again what failed, and tells where it is asked to", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    const faults: unknown[] = [];
    await using sessions = await openSessions({
      store: ":memory:",
      clock,
      onFault: (error) => void faults.push(error),
    });
    const agent = createFakeAgent();
    agent.next([{ fail: new AgentError("busy", { retryable: true }) }], [{ fail: new TypeError("a mistake") }]);
    sessions.answer(agent);
    const accepted = await say(sessions, "hello");
    for (const attempt of [1, 2]) {
      await (
        await agent.started(attempt)
      ).ended;
      await eventually(async () => ((await sessions.reader.stats()).turns.retrying === 1 ? true : null));
      clock.advance(60_000);
    }
    await (
      await agent.started(3)
    ).ended;
    const reply = await eventually(async () => {
      const state = await sessions.reader.reply(accepted.sessionId, accepted.seq);
      return state?.state === "answered" ? state : null;
    });
    assert.equal(reply.entries.at(-1)?.text, "ok");
    assert.deepEqual(faults.map(String), ["TypeError: a mistake"]);
  });

  it("ends a session by one policy for all", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using sessions = await openSessions({ store: ":memory:", clock, reset: { mode: "idle", idleMs: HOUR } });
    const first = await say(sessions, "hello");
    await sessions.cancelTurn({ sessionId: first.sessionId });
    clock.advance(2 * HOUR);
    const draft = await sessions.getOrCreate(sourceOf());
    assert.deepEqual([draft.persisted, draft.reset?.reason], [false, "idle"]);
    assert.notEqual((await say(sessions, "hello again")).sessionId, first.sessionId);
  });

  it("ends a session by the rule for its chats", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using sessions = await openSessions({
      store: ":memory:",
      clock,
      reset: { default: { mode: "none" }, rules: [{ platform: "brief", policy: { mode: "idle", idleMs: HOUR } }] },
    });
    for (const platform of ["brief", "long"]) {
      const source = sourceOf({ platform });
      const { sessionId } = await say(sessions, "hello", source);
      await sessions.cancelTurn({ sessionId });
      clock.advance(2 * HOUR);
      assert.equal((await sessions.getOrCreate(source)).persisted, platform === "long");
    }
  });

  it("lets a turn that runs end when it is closed, and keeps its answer", async () => {
    const path = join(scratchFolder(), "parlor.db");
    const { promise, resolve } = Promise.withResolvers<void>();
    const agent = createFakeAgent();
    agent.next([{ wait: promise }, "just in time"]);
    const sessions = await openSessions({ store: path });
    sessions.answer(agent);
    const accepted = await say(sessions, "hello");
    await agent.started(1);
    const closed = sessions[Symbol.asyncDispose]();
    resolve();
    await closed;
    await using store = await openSqliteStore({ path });
    const reply = await store.reader.reply(accepted.sessionId, accepted.seq);
    assert.deepEqual([reply?.state, reply?.entries.at(-1)?.text], ["answered", "just in time"]);
  });

  it("hands back a turn that does not end, and runs it when it is opened again", async () => {
    const path = join(scratchFolder(), "parlor.db");
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    const agent = createFakeAgent();
    agent.next([HANG]);
    const sessions = await openSessions({ store: path, clock });
    sessions.answer(agent);
    const accepted = await say(sessions, "hello");
    const run = await agent.started(1);
    const closed = sessions[Symbol.asyncDispose]();
    await eventually(() => {
      clock.advance(1_000);
      return run.signal.aborted ? true : null;
    });
    await closed;

    await using again = await openSessions({ store: path, clock });
    again.answer(agent);
    assert.equal(await answerTo(again, accepted), "ok");
    assert.equal((await agent.started(2)).turn.turnId, run.turn.turnId);
  });

  it("stops the run of a session that is cancelled, reset or erased", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using sessions = await openSessions({ store: ":memory:", clock });
    const agent = createFakeAgent({ script: () => [HANG] });
    sessions.answer(agent);
    const verbs: readonly ((sessionId: string) => Promise<unknown>)[] = [
      (sessionId) => sessions.cancelTurn({ sessionId }),
      (sessionId) => sessions.reset({ sessionId }),
      (sessionId) => sessions.erase(sessionId),
    ];
    for (const [index, end] of verbs.entries()) {
      const { sessionId } = await say(sessions, "hello", sourceOf({ user: `user-${index}` }));
      const run = await agent.started(index + 1);
      await end(sessionId);
      await eventually(() => run.signal.aborted);
      assert.equal(await run.ended, "aborted");
    }
  });

  it("cancels once for a command that comes twice, with an agent or without", async () => {
    await using sessions = await openSessions({ store: ":memory:" });
    const agent = createFakeAgent({ script: () => [HANG] });
    for (const round of [1, 2]) {
      const source = sourceOf({ user: `user-${round}` });
      await say(sessions, "hello", source);
      if (round === 2) sessions.answer(agent);
      const command = { source, eventId: "stop-1" };
      assert.equal((await sessions.cancelTurn({ source }, command)).outcome, "cancelled");
      await say(sessions, "and now", source);
      assert.equal((await sessions.cancelTurn({ source }, command)).outcome, "duplicate");
      await sessions.reset({ source });
    }
  });

  it("answers what interrupts an answer together with it, and refuses what there is no room for", async () => {
    const busy = { mode: "interrupt", debounceMs: 0, maxWaiting: 1 } as const;
    await using sessions = await openSessions({ store: ":memory:", busy });
    const agent = createFakeAgent({ script: ({ messages }) => [messages.map(({ text }) => text).join(" + ")] });
    agent.next(["Half", HANG]);
    const first = await say(sessions, "one");
    assert.equal((await sessions.accept(messageOf("too many"))).outcome, "full");
    sessions.answer(agent);
    await agent.started(1);
    await eventually(async () => (await sessions.reader.stats()).messages.running === 1);
    await say(sessions, "two");
    assert.match((await answerTo(sessions, first)) ?? "", /^one (?:\+ Half )?\+ two$/);
    assert.equal((await sessions.reader.stats()).turns.interrupted, 1);
  });

  it("says of what waited too long to send it again, because nothing reads commands", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using sessions = await openSessions({
      store: ":memory:",
      clock,
      onFault: (error) => assert.fail(String(error)),
    });
    const accepted = await say(sessions, "hello");
    clock.advance(7 * HOUR);
    sessions.answer(async () => "hello");
    assert.match((await answerTo(sessions, accepted)) ?? "", /from 7 hours ago, "hello", .*Please send it again/);
  });

  it("works on a store that is open already", async () => {
    const store = await openSqliteStore({ path: ":memory:" });
    await using sessions = await openSessions({ store });
    sessions.answer(() => Promise.resolve("yes"));
    assert.equal(await answerTo(sessions, await say(sessions, "is it you?")), "yes");
    assert.equal((await store.reader.stats()).messages.answered, 1);
  });

  it("closes the agent when it is closed, once its turns have ended, and the store all the same when that fails", async () => {
    const order: string[] = [];
    const faults: unknown[] = [];
    const store = await openSqliteStore({ path: ":memory:" });
    const gate = Promise.withResolvers<void>();
    const agent = createFakeAgent({ script: () => [{ wait: gate.promise }, "done"] });
    const sessions = await openSessions({
      store: { ...store, [Symbol.asyncDispose]: async () => void order.push("store closed") },
      onFault: (error) => void faults.push(error),
    });
    sessions.answer({
      ...agent,
      close: () => {
        order.push("agent closed");
        return Promise.reject(new Error("It does not want to."));
      },
    });
    const { sessionId } = await say(sessions, "hello");
    await agent.started(1);
    const closed = sessions[Symbol.asyncDispose]();
    gate.resolve();
    await closed;
    assert.deepEqual(order, ["agent closed", "store closed"]);
    assert.deepEqual(faults.map(String), ["Error: It does not want to."]);
    const { items } = await store.reader.transcript(sessionId);
    assert.equal(items.at(-1)?.text, "done", "what ran was let end before");
    await store[Symbol.asyncDispose]();
  });

  it("refuses what it would have to ignore: options of a store that is open already, and a second agent", async () => {
    const refused = (says: RegExp) => (error: unknown) =>
      error instanceof ParlorError && error.code === "INVALID_INPUT" && says.test(error.message);
    await using store = await openSqliteStore({ path: ":memory:" });
    await assert.rejects(
      openSessions({ store, reset: { mode: "idle", idleMs: HOUR } }),
      refused(/reset .* open already/),
    );
    await assert.rejects(
      openSessions({ store, busy: { mode: "queue", debounceMs: 0, maxWaiting: 1 } }),
      refused(/busy/),
    );
    await assert.rejects(openSessions({ store, scope: { group: "shared", thread: "shared" } }), refused(/scope/));
    await using sessions = await openSessions({ store });
    sessions.answer(async () => "first");
    assert.throws(() => sessions.answer(async () => "second"), refused(/once/));
    assert.equal(await answerTo(sessions, await say(sessions, "hello")), "first");
  });

  it("closes what it has opened when it cannot begin, and leaves alone what it was given", async () => {
    const store = await openSqliteStore({ path: ":memory:" });
    const broken: Store = { ...store, leaseholders: () => Promise.reject(new Error("no")) };
    await assert.rejects(openSessions({ store: broken }), /no/);
    assert.equal((await store.accept(messageOf("still open"))).outcome, "accepted");
    await store[Symbol.asyncDispose]();
    await assert.rejects(openSessions({ store: ":memory:", receiptRetentionMs: 1 }), { code: "INVALID_CONFIG" });
    await assert.rejects(openSessions({ store: ":memory:", reset: { mode: "idle", idleMs: -1 } }), {
      code: "INVALID_CONFIG",
    });
  });
});
