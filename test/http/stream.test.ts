import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually, settle } from "../turn/eventually.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import type { SessionBody } from "./body.ts";

const PATH = "/api/chats/tea/messages";
const STREAM = { accept: "text/event-stream" };

interface Streamed {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

async function open(under: AppUnderTest, body: object): Promise<Response> {
  const response = await under.fetch("POST", PATH, { body, headers: STREAM });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  return response;
}

function eventsIn(text: string): Streamed[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event = "", data = ""]) => ({
    event,
    data: JSON.parse(data) as Streamed["data"],
  }));
}

describe("a streamed reply", () => {
  test("is told from the start to the end", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    await under.answer("Hello, Ada.", ["Hello, ", "Ada."]);
    const [accepted, start, ...rest] = eventsIn(await response.text());
    assert.deepEqual([accepted?.event, accepted?.data.seq], ["accepted", 1]);
    assert.deepEqual([start?.event, start?.data.attempt], ["start", 1]);
    assert.deepEqual(rest, [
      { event: "text", data: { text: "Hello, " } },
      { event: "text", data: { text: "Ada." } },
      { event: "end", data: { ...accepted?.data, state: "answered", reply: "Hello, Ada." } },
    ]);
  });

  test("says when a newer message has interrupted it, and goes on with the answer to both", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "first" });
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    const { turnId, sessionId } = turn.lease;
    under.live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: [1] });
    under.live.publish(sessionId, { type: "text", turnId, text: "Half" });
    under.live.publish(sessionId, { type: "end", turnId, outcome: "interrupted" });
    await under.store.failTurn(turn.lease, { reason: "r", retryAt: 0, notice: "", pieces: [] });
    await under.answer("To both.");
    const events = eventsIn(await response.text());
    assert.deepEqual(
      events.map(({ event }) => event),
      ["accepted", "start", "text", "interrupted", "start", "text", "end"],
    );
    assert.deepEqual(events[3]?.data, { turn: turnId });
  });

  test("keeps lines and other letters whole", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    await under.answer("one\ntwo\r\n\ndata: 三");
    const events = eventsIn(await response.text());
    assert.equal(events.at(-1)?.data.reply, "one\ntwo\r\n\ndata: 三");
    assert.equal(events.find(({ event }) => event === "text")?.data.text, "one\ntwo\r\n\ndata: 三");
  });

  test("has nothing of the turn before it", async () => {
    await using under = await openApp();
    await under.call("POST", PATH, { body: { from: "ada", text: "first" } });
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    const { turnId, sessionId } = turn.lease;
    under.live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: [1] });
    under.live.publish(sessionId, { type: "text", turnId, text: "not " });
    const response = await open(under, { from: "ada", text: "second" });
    under.live.publish(sessionId, { type: "text", turnId, text: "yours" });
    await under.store.commitTurn(turn.lease, { entries: [{ role: "assistant", text: "not yours", pieces: [] }] });
    under.live.publish(sessionId, { type: "end", turnId, outcome: "done" });
    await under.answer("yours");
    const events = eventsIn(await response.text());
    assert.deepEqual(
      events.map(({ event }) => event),
      ["accepted", "start", "text", "end"],
    );
    assert.equal(events[2]?.data.text, "yours");
  });

  test("begins again with every attempt, and shows the tools", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    const { turnId, sessionId } = turn.lease;
    under.live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: [1] });
    under.live.publish(sessionId, { type: "text", turnId, text: "Hel" });
    under.live.publish(sessionId, { type: "end", turnId, outcome: "retrying" });
    under.live.publish(sessionId, { type: "start", turnId, attempt: 2, seqs: [1] });
    under.live.publish(sessionId, { type: "tool", turnId, index: 0, name: "clock", state: "started" });
    await under.store.commitTurn(turn.lease, { entries: [{ role: "assistant", text: "Hello.", pieces: [] }] });
    under.live.publish(sessionId, { type: "end", turnId, outcome: "done" });
    const events = eventsIn(await response.text());
    assert.deepEqual(
      events.map(({ event, data }) => [event, data.attempt ?? data.text ?? data.name ?? data.reply ?? data.seq]),
      [
        ["accepted", 1],
        ["start", 1],
        ["text", "Hel"],
        ["start", 2],
        ["tool", "clock"],
        ["end", "Hello."],
      ],
    );
  });

  test("of a redelivery is the original's", async () => {
    await using under = await openApp();
    const body = { from: "ada", text: "hello", id: "1" };
    await under.call("POST", PATH, { body });
    await under.answer("Hello, Ada.");
    const events = eventsIn(await (await open(under, body)).text());
    assert.deepEqual(
      events.map(({ event }) => event),
      ["accepted", "end"],
    );
    assert.deepEqual([events[0]?.data.duplicate, events[1]?.data.reply], [true, "Hello, Ada."]);
  });

  test("ends with what another node has answered", async () => {
    await using under = await openApp({ ports: () => ({ listen: () => () => {} }) });
    const response = await open(under, { from: "ada", text: "hello" });
    await under.answer("Hello, Ada.");
    assert.equal(eventsIn(await response.text()).at(-1)?.data.reply, "Hello, Ada.");
  });

  test("shows that it is alive while nothing is said", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    for (let second = 0; second < 31; second += 1) {
      await settle();
      under.clock.advance(1_000);
    }
    await under.answer("Hello, Ada.");
    assert.equal((await response.text()).match(/^:$/gm)?.length, 2);
  });

  test("outlasts any single wait", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    for (let second = 0; second < 130; second += 1) {
      await settle();
      under.clock.advance(1_000);
    }
    await under.answer("At last.");
    assert.equal(eventsIn(await response.text()).at(-1)?.data.reply, "At last.");
  });
});

describe("a reader", () => {
  test("that does not read costs a bounded buffer, and still gets the whole reply", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    const piece = "x".repeat(10_000);
    const pieces = Array.from({ length: 200 }, () => piece);
    await under.answer("the whole reply", pieces);
    const text = await response.text();
    assert.ok(text.length < 300_000, String(text.length));
    assert.equal(eventsIn(text).at(-1)?.data.reply, "the whole reply");
  });

  test("that has fallen behind is given no more pieces of that attempt, so that none is missing in the middle", async () => {
    await using under = await openApp();
    const response = await open(under, { from: "ada", text: "hello" });
    const turn = await under.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null && response.body !== null);
    const { turnId, sessionId } = turn.lease;
    const reader = response.body.getReader();
    const readUntil = async (pattern: RegExp): Promise<string> => {
      let read = "";
      while (!pattern.test(read)) read += Buffer.from((await reader.read()).value ?? []).toString();
      return read;
    };
    const say = (text: string): void => under.live.publish(sessionId, { type: "text", turnId, text });
    under.live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: [1] });
    say(`${"x".repeat(300_000)} first`);
    say("lost");
    await readUntil(/ first/);
    say("late");
    under.live.publish(sessionId, { type: "start", turnId, attempt: 2, seqs: [1] });
    say("again");
    assert.deepEqual(
      eventsIn(await readUntil(/again/)).map(({ event, data }) => data["text"] ?? event),
      ["start", "again"],
    );
    await reader.cancel();
  });

  test("that leaves does not cancel the turn, gives its place back and hears nothing more", async () => {
    let listeners = 0;
    await using under = await openApp({
      maxWaiting: 1,
      ports: (ports) => ({
        listen: (sessionId, listener) => {
          listeners += 1;
          const stop = ports.listen(sessionId, listener);
          return () => {
            listeners -= 1;
            stop();
          };
        },
      }),
    });
    const response = await open(under, { from: "ada", text: "hello" });
    assert.equal(listeners, 1);
    const busy = await under.call("POST", PATH, { body: { from: "bob", text: "hello" }, headers: STREAM });
    assertProblem(busy, 429, "too-many-waiting");
    await response.body?.cancel();
    await eventually(() => listeners === 0);
    assert.deepEqual(
      (await under.call("POST", PATH, { body: { from: "ada", text: "/help" }, headers: STREAM })).status,
      200,
    );
    await under.answer("Hello, Ada.");
    const { body } = await under.call<SessionBody>("GET", "/api/chats/tea/session?from=ada");
    const { items } = await under.store.reader.transcript(body.id);
    assert.equal(items.at(-1)?.text, "Hello, Ada.");
    assert.deepEqual(under.faults, []);
  });

  test("is let go when the gateway closes", async () => {
    const closing = new AbortController();
    await using under = await openApp({ closing: closing.signal });
    const response = await open(under, { from: "ada", text: "hello" });
    closing.abort();
    assert.deepEqual(
      eventsIn(await response.text()).map(({ event }) => event),
      ["accepted"],
    );
    assert.deepEqual(under.faults, []);
  });

  test("is let go, and the fault shown, when the reply cannot be read", async () => {
    const fault = new Error("broken");
    await using under = await openApp({ ports: () => ({ awaitReply: () => Promise.reject(fault) }) });
    const response = await open(under, { from: "ada", text: "hello" });
    assert.equal(eventsIn(await response.text()).length, 1);
    assert.deepEqual(under.faults, [fault]);
  });

  test("of what is no message gets an ordinary answer", async () => {
    await using under = await openApp();
    const signal = await under.call("POST", PATH, { body: { type: "ping" }, headers: STREAM });
    assert.deepEqual([signal.status, signal.body], [200, { signal: true }]);
    assertProblem(await under.call("POST", PATH, { body: { from: "ada" }, headers: STREAM }), 400, "invalid-request");
  });
});
