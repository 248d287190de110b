import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOutbox } from "../../src/outbox/outbox.ts";
import type { Platform, SendOutcome } from "../../src/platform/platform.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { createRecordingTelemetry } from "../turn/recording-telemetry.ts";

/** Destinations whose platform answers with what the test resolves them to. */
async function setUp(chats: readonly string[]) {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const answers = new Map(chats.map((chat) => [chat, Promise.withResolvers<SendOutcome>()]));
  const ids = new Map<string, string>();
  const platform: Platform = {
    name: "test",
    idempotent: false,
    maxLength: null,
    delivers: () => true,
    send: (delivery) => {
      ids.set(delivery.destination.chat, delivery.id);
      return answers.get(delivery.destination.chat)?.promise ?? Promise.reject(new Error("no such chat"));
    },
  };
  const outbox = createOutbox({
    store,
    platforms: [platform],
    telemetry: createRecordingTelemetry(),
    clock,
    node: "node-1",
    options: { leaseMs: 30_000, concurrency: 4, maxAttempts: 3, backoff: { firstMs: 1_000, maxMs: 60_000 } },
  });
  for (const chat of chats) {
    const destination = sourceOf({ platform: "test", chatType: "group", chat });
    await store.addDelivery({ destination, text: "hi", key: null });
  }
  outbox.start();
  await eventually(() => ids.size === chats.length);
  return { store, clock, outbox, answers, ids, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

describe("an outbox that stops", () => {
  it("leaves nothing in doubt when what was on its way arrives in time", async () => {
    await using rig = await setUp(["a"]);
    const stopped = rig.outbox.stop({ drainMs: 10_000 });
    rig.answers.get("a")?.resolve({ outcome: "sent", remoteId: null });
    assert.deepEqual(await stopped, []);
  });

  it("names what may have arrived, and nothing that is known to have failed or is tried again", async () => {
    await using rig = await setUp(["lost", "busy", "gone"]);
    const stopped = rig.outbox.stop({ drainMs: 10_000 });
    rig.answers.get("busy")?.resolve({ outcome: "retry", error: "busy" });
    rig.answers.get("gone")?.resolve({ outcome: "failed", error: "gone" });
    await settle();
    rig.clock.advance(10_000);
    assert.deepEqual(await stopped, [rig.ids.get("lost")]);
    assert.equal((await rig.store.reader.backlog()).deliveries, 1, "the busy one is for the next start");
  });
});
