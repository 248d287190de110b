import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sourceOf } from "../../src/testing/sources.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import { say, step, storedIds } from "./event-rig.ts";
import { openEvents } from "./event-stream.ts";

describe("readers", () => {
  test("have a thousand places, which those who leave give back", async () => {
    await using under = await openApp({ feed: { maxReaders: 2 } });
    const first = await openEvents(under);
    await using _second = await openEvents(under);
    const refused = await under.call("GET", "/api/events");
    assertProblem(refused, 429, "too-many-readers");
    assert.equal(refused.headers.get("retry-after"), "5");
    await first.leave();
    await using third = await openEvents(under);
    await third.until("open");
  });

  test("that only ask for the head take no place", async () => {
    await using under = await openApp({ feed: { maxReaders: 1 } });
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await under.fetch("HEAD", "/api/events");
      assert.deepEqual([status, body], [200, null]);
    }
    await using stream = await openEvents(under);
    await stream.until("open");
  });

  test("hear a sign of life every 15 seconds", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under);
    await stream.until("open");
    for (let second = 0; second < 31; second += 1) {
      under.clock.advance(1_000);
      await settle();
    }
    assert.equal(stream.heartbeats(), 2);
  });

  test("cost nothing once they have left", async () => {
    let reads = 0;
    let listeners = 0;
    await using under: AppUnderTest = await openApp({
      feed: {
        reader: {
          events: (query) => {
            reads += 1;
            return under.store.reader.events(query);
          },
          eventRange: () => under.store.reader.eventRange(),
        },
        live: {
          listenAll: (observer) => {
            listeners += 1;
            const stop = under.live.listenAll(observer);
            return () => {
              listeners -= 1;
              stop();
            };
          },
        },
      },
    });
    const streams = [await openEvents(under), await openEvents(under)];
    await settle();
    assert.deepEqual([listeners, reads > 0], [1, true]);
    for (const stream of streams) await stream.leave();
    await settle();
    const before = reads;
    under.clock.advance(60_000);
    await say(under, "hello");
    await step(under);
    assert.deepEqual([listeners, reads], [0, before]);
    await using again = await openEvents(under);
    await say(under, "hello", { chat: "coffee" });
    await step(under);
    assert.deepEqual(storedIds(again), [2]);
  });

  test("share one read of what is stored", async () => {
    let reads = 0;
    await using under: AppUnderTest = await openApp({
      feed: {
        reader: {
          events: (query) => {
            reads += 1;
            return under.store.reader.events(query);
          },
          eventRange: () => under.store.reader.eventRange(),
        },
      },
    });
    const streams = await Promise.all(Array.from({ length: 50 }, () => openEvents(under)));
    await settle();
    const before = reads;
    await say(under, "hello");
    await step(under);
    assert.equal(reads - before, 1);
    for (const stream of streams) {
      assert.deepEqual(storedIds(stream), [1]);
      await stream.leave();
    }
  });

  test("that keep up are not cut off by a burst, however long", async () => {
    await using under = await openApp();
    const streams = await Promise.all(Array.from({ length: 40 }, () => openEvents(under)));
    await settle();
    const accept = under.store.accept;
    await Promise.all(
      Array.from({ length: 2_000 }, (_, chat) =>
        accept({ source: sourceOf({ user: String(chat), userName: "x".repeat(256) }), eventId: null, text: "hello" }),
      ),
    );
    under.events.wake();
    under.clock.advance(40);
    for (const stream of streams) {
      await eventually(() => stream.lastId() === 2_000 || stream.isClosed());
      assert.deepEqual([stream.named("session:start").length, stream.isClosed()], [2_000, false]);
      await stream.leave();
    }
  });

  test("are let go when the gateway closes, after what is on its way to them", async () => {
    const closing = new AbortController();
    await using under = await openApp({ closing: closing.signal });
    const streams = [await openEvents(under), await openEvents(under, "?chat=tea&from=ada")];
    await say(under, "hello");
    await step(under);
    closing.abort();
    for (const stream of streams) await eventually(stream.isClosed);
    assert.deepEqual(streams.map(storedIds), [[1], [1]]);
    assertProblem(await under.call("GET", "/api/events"), 503, "unavailable");
    assert.deepEqual(under.faults, []);
  });
});
