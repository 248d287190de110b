import assert from "node:assert/strict";
import { test } from "node:test";
import { createOutbox } from "../../src/outbox/outbox.ts";
import type { Platform, SendOutcome } from "../../src/platform/platform.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { answer, say } from "../../src/testing/contract/steps.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { createRecordingTelemetry } from "../turn/recording-telemetry.ts";

/** An outbox that goes on its way, and a platform that answers this. */
async function setUp(answers: SendOutcome[]) {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const telemetry = createRecordingTelemetry();
  const sent: string[] = [];
  const platform: Platform = {
    name: "test",
    idempotent: false,
    maxLength: null,
    delivers: () => true,
    send: async ({ id }) => {
      sent.push(id);
      return answers.shift() ?? { outcome: "sent", remoteId: "m1" };
    },
  };
  const options = { leaseMs: 60_000, maxAttempts: 2, backoff: { firstMs: 1_000, maxMs: 60_000 }, concurrency: 4 };
  const outbox = createOutbox({ store, platforms: [platform], telemetry, clock, node: "node-1", options });
  const settled = (): readonly string[] =>
    telemetry.of("deliverySettled").map(([{ state, attempt }]) => `${state} ${attempt}`);
  const { session } = await say(store, "hello");
  await answer(store, "hi", true);
  outbox.start();
  return {
    store,
    sent,
    settled,
    only: async () => (await store.reader.deliveries({ sessionId: session.id })).items[0] ?? assert.fail(),
    /** Passes a second at a time, which nobody but the clock tells the outbox of, until so many attempts are over. */
    until: async (attempts: number) => {
      for (let second = 0; second < 60 && settled().length < attempts; second += 1) {
        await settle();
        clock.advance(1_000);
      }
      await eventually(() => settled().length === attempts);
    },
    [Symbol.asyncDispose]: async () => {
      await outbox.stop({ drainMs: 0 });
      await store[Symbol.asyncDispose]();
    },
  };
}

const BUSY: SendOutcome = { outcome: "retry", error: "busy" };

test("what another process retries by hand is sent again under its key, with all its attempts", async () => {
  await using rig = await setUp([BUSY, BUSY, BUSY]);
  await rig.until(2);
  const { id, state } = await rig.only();
  assert.equal(state, "failed");
  assert.equal((await rig.store.retryDelivery(id)).outcome, "retried");
  await rig.until(4);
  assert.deepEqual(rig.settled(), ["pending 1", "failed 2", "pending 3", "sent 4"]);
  assert.deepEqual(new Set(rig.sent), new Set([id]));
});

test("what may have arrived is sent again when somebody says so, also where a repetition is not recognised", async () => {
  await using rig = await setUp([{ outcome: "ambiguous", error: "no answer" }]);
  await rig.until(1);
  const { id, state } = await rig.only();
  assert.equal(state, "unknown");
  assert.equal((await rig.store.retryDelivery(id, { mayArriveTwice: true })).outcome, "retried");
  await rig.until(2);
  assert.deepEqual(rig.settled(), ["unknown 1", "sent 2"]);
});

test("what is dropped while it waits for another attempt is not sent", async () => {
  await using rig = await setUp([{ ...BUSY, retryAfterMs: 30_000 }]);
  await rig.until(1);
  const { id } = await rig.only();
  assert.equal((await rig.store.dropDelivery(id)).outcome, "dropped");
  await say(rig.store, "and now?");
  await answer(rig.store, "still here", true);
  await rig.until(2);
  assert.deepEqual(rig.settled(), ["pending 1", "sent 1"]);
  assert.equal(rig.sent.filter((one) => one === id).length, 1);
});
