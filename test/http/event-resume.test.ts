import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { scratchFolder } from "../gateway/gateway-setup.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import { names, say, shownReplies, step, storedIds, tryBegin } from "./event-rig.ts";
import { openEvents } from "./event-stream.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

describe("a reader that comes back", () => {
  test("is given the stored events it missed, page after page, and then what happens", async () => {
    await using under = await openApp();
    for (let chat = 0; chat < 450; chat += 1) await say(under, "hello", { chat: String(chat) });
    await using stream = await openEvents(under, "", { headers: { "last-event-id": "3" } });
    await eventually(() => stream.lastId() === 450);
    await say(under, "hello");
    await step(under);
    assert.deepEqual([stream.events[0]?.id, ...storedIds(stream)], range(3, 451));
  });

  test("is believed by its header, not by the address it first came with", async () => {
    await using under = await openApp();
    for (const chat of ["a", "b", "c"]) await say(under, "hello", { chat });
    await using stream = await openEvents(under, "?after=0", { headers: { "last-event-id": "2" } });
    await stream.until("session:start");
    await using other = await openEvents(under, "?after=1", { headers: { "last-event-id": "" } });
    await other.until("session:start", 2);
    assert.deepEqual([storedIds(stream), storedIds(other)], [[3], [2, 3]]);
  });

  test("too late is told so, and given what is kept", async () => {
    await using under = await openApp();
    await say(under, "hello", { chat: "a" });
    await say(under, "hello", { chat: "b" });
    under.clock.advance(8 * DAY_MS);
    await say(under, "hello", { chat: "c" });
    await under.store.sweep();
    await using stream = await openEvents(under, "?after=1");
    await stream.until("session:start");
    assert.deepEqual(
      stream.events.map(({ event, id }) => [event, id]),
      [
        ["open", 1],
        ["gap", 2],
        ["session:start", 3],
      ],
    );
    await using inTime = await openEvents(under, "?after=2");
    await inTime.until("session:start");
    assert.deepEqual(names(inTime), ["open", "session:start"]);
  });

  test("with an id from another database is told to load again", async () => {
    await using under = await openApp();
    await say(under, "hello");
    await using stream = await openEvents(under, "?after=700");
    await say(under, "hello", { chat: "b" });
    await step(under);
    assert.deepEqual(stream.events.map(({ event, id }) => [event, id]).slice(0, 3), [
      ["open", 700],
      ["gap", 1],
      ["session:start", 2],
    ]);
  });

  test("is told of the gap again when the connection was lost before it heard of it", async () => {
    await using under = await openApp();
    await say(under, "hello");
    await using stream = await openEvents(under, "?after=700");
    const [open] = await stream.until("open");
    await using again = await openEvents(under, `?after=${String(open?.id)}`);
    await again.until("gap");
  });

  test("to a chat is told that one of its lives was erased, before it came back or after", async () => {
    await using under = await openApp();
    const first = await say(under, "hello");
    await under.call("POST", "/api/chats/tea/reset?from=ada");
    const second = await say(under, "hello");
    await using steady = await openEvents(under);
    await step(under);
    await under.store.erase(second);
    await using stream = await openEvents(under, `?chat=tea&from=ada&after=${steady.lastId()}`);
    await stream.until("open");
    await under.store.erase(first);
    await step(under);
    assert.deepEqual(
      stream.named("session:erase").map(({ data }) => data["sessionId"]),
      [second, first],
    );
  });

  test("of a quiet session resumes from the last sign of life, however long nothing concerned it", async () => {
    await using under = await openApp();
    const session = await say(under, "hello");
    await using stream = await openEvents(under, `?session=${session}`);
    for (const chat of ["a", "b", "c"]) await say(under, "hello", { chat });
    await step(under);
    assert.deepEqual([stream.lastId(), stream.heartbeats()], [1, 0]);
    under.clock.advance(15_000);
    await settle();
    assert.deepEqual([stream.lastId(), stream.heartbeats(), names(stream)], [4, 1, ["open"]]);
  });
});

describe("a store", () => {
  test("that another process writes to is read twice a second", async () => {
    const path = `${scratchFolder()}/parlor.db`;
    await using other = await openSqliteStore({ path });
    await using reading = await openSqliteStore({ path });
    await using under = await openApp({ feed: { reader: reading.reader } });
    await using stream = await openEvents(under);
    await settle();
    const session = await other.ensurePersisted(await other.getOrCreate(sourceOf()));
    under.clock.advance(500);
    const [started] = await stream.until("session:start");
    assert.equal(started?.data["sessionId"], session.id);
    await other.erase(session.id);
    under.clock.advance(500);
    await stream.until("session:erase");
  });

  test("that cannot be read for a while keeps its readers, who lose nothing and hear replies meanwhile", async () => {
    const down = new ParlorError("STORE_UNAVAILABLE", "The disk failed.", { retryable: true });
    let isDown = false;
    await using under: AppUnderTest = await openApp({
      feed: {
        reader: {
          events: (query) => (isDown ? Promise.reject(down) : under.store.reader.events(query)),
          eventRange: () => under.store.reader.eventRange(),
        },
      },
    });
    await say(under, "hello");
    await using stream = await openEvents(under, "?after=0");
    await stream.until("session:start");
    isDown = true;
    const turn = await tryBegin(under);
    turn?.hear("Hello");
    await step(under);
    assert.deepEqual(stream.named("turn:start"), []);
    assert.equal(shownReplies(stream).get(turn?.turnId ?? ""), "Hello");
    assert.deepEqual(under.faults, [down]);
    await using late = await openEvents(under, "?after=0");
    isDown = false;
    for (let wait = 0; wait < 10; wait += 1) {
      await settle();
      under.clock.advance(1_000);
    }
    await settle();
    assert.deepEqual(
      [storedIds(stream), storedIds(late)],
      [
        [1, 2],
        [1, 2],
      ],
    );
  });

  test("that cannot be read when a reader comes is 503", async () => {
    const down = new ParlorError("STORE_UNAVAILABLE", "The disk failed.", { retryable: true });
    const fail = (): Promise<never> => Promise.reject(down);
    await using under = await openApp({ feed: { reader: { events: fail, eventRange: fail }, maxReaders: 1 } });
    for (let time = 0; time < 3; time += 1) assertProblem(await under.call("GET", "/api/events"), 503, "unavailable");
  });
});
