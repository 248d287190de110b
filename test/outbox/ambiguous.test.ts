import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SendOutcome } from "../../src/platform/platform.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { createFakePlatform, type FakePlatformOptions } from "../../src/testing/fake-platform.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { eventually, passTime } from "../turn/eventually.ts";
import { createRecordingTelemetry } from "../turn/recording-telemetry.ts";
import { createOutboxUnderTest } from "./outbox-under-test.ts";

const AMBIGUOUS: SendOutcome = { outcome: "ambiguous", error: "no answer" };
const TAKE = { node: "node-0", leaseMs: 30_000, limit: 1 };

async function setUp(options: FakePlatformOptions) {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const telemetry = createRecordingTelemetry();
  const platform = createFakePlatform({ name: "test", idempotent: false, ...options });
  const { outbox, settled, close } = createOutboxUnderTest({ store, platform, telemetry, clock });
  return {
    store,
    clock,
    platform,
    outbox,
    add: (text: string) => store.addDelivery({ destination: sourceOf(), text, key: null }),
    /** A reply that was streamed into the message "remote-7" and is committed. */
    addStreamed: async (text: string): Promise<void> => {
      await store.accept(messageOf("hello"));
      const turn = await store.claimTurn({ node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 });
      assert.ok(turn !== null);
      await store.openDelivery(turn.lease);
      await store.recordPost(turn.lease, "remote-7");
      platform.show("remote-7", "An ans");
      await store.commitTurn(turn.lease, { entries: [{ role: "assistant", text, pieces: [text] }] });
    },
    texts: () => platform.sent.map(({ text }) => text),
    settled,
    pass: (ms: number) => passTime(clock, ms, 100),
    [Symbol.asyncDispose]: async () => {
      await close();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe("a reply that may have arrived", () => {
  it("is asked about where the platform can be asked: it has arrived", async () => {
    await using rig = await setUp({ canBeAsked: true });
    rig.platform.next(AMBIGUOUS);
    rig.platform.nextAnswer({ outcome: "sent", remoteId: "remote-3" });
    await rig.add("hi");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    assert.equal(rig.platform.asked.length, 0, "not before its time");
    await rig.pass(1_000);
    await eventually(() => rig.settled()[1] === "sent 2");
    assert.deepEqual(rig.texts(), ["hi"]);
    assert.equal((await rig.store.reader.deliveries()).items[0]?.remoteId, "remote-3");
  });

  it("is sent again when the platform does not have it", async () => {
    await using rig = await setUp({ canBeAsked: true });
    rig.platform.next(AMBIGUOUS);
    await rig.add("hi");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    await rig.pass(1_000);
    await eventually(() => rig.settled()[1] === "sent 2");
    assert.deepEqual([rig.texts(), rig.platform.asked.length], [["hi", "hi"], 1]);
  });

  it("is asked about again, with back-off, while the platform cannot say, and is unknown in the end", async () => {
    await using rig = await setUp({ canBeAsked: true });
    rig.platform.next(AMBIGUOUS);
    const unreachable = Promise.reject(new Error("no route to host"));
    unreachable.catch(() => {});
    rig.platform.nextAnswer({ outcome: "unknown" }, unreachable);
    await rig.add("hi");
    await rig.add("and more");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    await rig.pass(1_000);
    await eventually(() => rig.settled()[1] === "pending 2");
    await rig.pass(2_000);
    await eventually(() => rig.settled()[3] === "sent 1");
    assert.deepEqual(rig.settled(), ["pending 1", "pending 2", "unknown 3", "sent 1"]);
    assert.deepEqual(rig.texts(), ["hi", "and more"]);
  });

  it("is asked about when its sender has died", async () => {
    await using rig = await setUp({ canBeAsked: true });
    await rig.add("hi");
    await rig.store.takeDeliveries(TAKE);
    await rig.store.releaseNode("node-0");
    rig.platform.nextAnswer({ outcome: "sent", remoteId: null });
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "sent 2");
    assert.deepEqual(rig.texts(), []);
  });

  it("is not taken for one that was not sent because a later attempt says so", async () => {
    await using rig = await setUp({ idempotent: true });
    rig.platform.next(AMBIGUOUS, { outcome: "failed", error: "refused" });
    await rig.add("hi");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    await rig.pass(1_000);
    await eventually(() => rig.settled()[1] === "unknown 2");
  });
});

describe("a reply that is an edit", () => {
  it("is tried again when nobody knows whether it has arrived, and stays one message", async () => {
    await using rig = await setUp({ intervalMs: 1_500 });
    rig.platform.next(AMBIGUOUS);
    await rig.addStreamed("An answer.");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    await rig.pass(1_000);
    await eventually(() => rig.settled()[1] === "sent 2");
    assert.deepEqual(Array.from(rig.platform.shown), [["remote-7", "An answer."]]);
  });

  it("is tried again when its sender has died", async () => {
    await using rig = await setUp({ intervalMs: 1_500 });
    await rig.addStreamed("An answer.");
    await rig.store.takeDeliveries(TAKE);
    await rig.store.releaseNode("node-0");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "sent 2");
    assert.deepEqual(Array.from(rig.platform.shown), [["remote-7", "An answer."]]);
  });

  it("is posted anew when its message is gone, and then is no edit: what may have arrived is not repeated", async () => {
    await using rig = await setUp({ intervalMs: 1_500 });
    await rig.addStreamed("An answer.");
    rig.platform.remove("remote-7");
    rig.outbox.start();
    await eventually(() => rig.settled()[1] === "sent 2");
    assert.deepEqual(Array.from(rig.platform.shown), [["remote-1", "An answer."]]);

    await using careful = await setUp({ intervalMs: 1_500 });
    await careful.addStreamed("An answer.");
    careful.platform.next({ outcome: "gone", error: "deleted" }, AMBIGUOUS);
    careful.outbox.start();
    await eventually(() => careful.settled()[1] === "unknown 2");
  });
});

describe("a destination that rests", () => {
  it("gets the next reply when it has rested, however often that is put off", async () => {
    await using rig = await setUp({});
    const later: SendOutcome = { outcome: "later", waitMs: 1_000 };
    rig.platform.next({ outcome: "sent", remoteId: "r", restMs: 3_000 }, later, later, later, later);
    await rig.add("one");
    await rig.add("two");
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "sent 1");
    await rig.pass(2_900);
    assert.deepEqual(rig.texts(), ["one"]);
    await rig.pass(4_100);
    await eventually(() => rig.settled()[1] === "sent 5");
    assert.equal(rig.texts().length, 6);
  });

  it("holds up no other one", async () => {
    await using rig = await setUp({});
    rig.platform.next({ outcome: "later", waitMs: 60_000 });
    await rig.add("resting");
    rig.outbox.start();
    await eventually(() => rig.platform.sent.length === 1);
    for (const user of ["bob", "cyd", "dan"]) {
      await rig.store.addDelivery({ destination: sourceOf({ user }), text: user, key: null });
    }
    rig.outbox.wake();
    await eventually(() => rig.settled().length === 3);
    assert.deepEqual(rig.texts(), ["resting", "bob", "cyd", "dan"]);
  });
});
