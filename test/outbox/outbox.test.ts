import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { SendOutcome } from "../../src/platform/platform.ts";
import { eventually, settle } from "../turn/eventually.ts";
import { NEVER, setUpOutbox } from "./outbox-setup.ts";

describe("the outbox", () => {
  it("sends replies to one destination one after the other, in their order", async () => {
    await using rig = await setUpOutbox();
    const gate = Promise.withResolvers<SendOutcome>();
    await rig.add("1", "a", [gate.promise]);
    await rig.add("2", "a");
    await rig.add("3", "a");
    rig.outbox.start();
    await eventually(() => rig.sent.length === 1);
    await settle();
    assert.deepEqual(rig.texts(), ["1"]);
    gate.resolve({ outcome: "sent", remoteId: null });
    await eventually(() => rig.settled().length === 3);
    assert.deepEqual(rig.texts(), ["1", "2", "3"]);
    assert.deepEqual(rig.settled(), ["sent 1", "sent 1", "sent 1"]);
  });

  it("does not let a slow destination hold up another", async () => {
    await using rig = await setUpOutbox();
    await rig.add("slow", "a", [NEVER]);
    await rig.add("behind the slow one", "a");
    rig.outbox.start();
    for (const text of ["1", "2", "3"]) await rig.add(text, "b");
    await eventually(() => rig.settled().length === 3);
    assert.deepEqual(rig.texts(), ["slow", "1", "2", "3"]);
  });

  it("has as many on their way at once as its concurrency", async () => {
    await using rig = await setUpOutbox({ options: { concurrency: 2 } });
    const gate = Promise.withResolvers<SendOutcome>();
    for (const chat of ["a", "b", "c"]) await rig.add(chat, chat, [gate.promise]);
    rig.outbox.start();
    await eventually(() => rig.sent.length === 2);
    await settle();
    assert.deepEqual(rig.texts(), ["a", "b"]);
    gate.resolve({ outcome: "sent", remoteId: null });
    await eventually(() => rig.settled().length === 3);
  });

  it("tries again after a back-off, and not before the platform wants it to, keeping the order", async () => {
    await using rig = await setUpOutbox();
    const busy: SendOutcome = { outcome: "retry", error: "busy" };
    await rig.add("1", "a", [busy, { ...busy, retryAfterMs: 120_000 }]);
    await rig.add("2", "a");
    rig.outbox.start();
    await eventually(() => rig.settled().length === 1);
    rig.clock.advance(499);
    await settle();
    assert.equal(rig.sent.length, 1, "half of a second at least");
    rig.clock.advance(501);
    await eventually(() => rig.settled().length === 2);
    for (let second = 0; second < 119; second += 1) {
      rig.clock.advance(1_000);
      await settle();
    }
    assert.equal(rig.sent.length, 2);
    rig.clock.advance(1_000);
    await eventually(() => rig.settled().length === 4);
    assert.deepEqual(rig.texts(), ["1", "1", "1", "2"]);
    assert.equal(new Set(rig.sent.slice(0, 3).map(({ id }) => id)).size, 1, "one idempotency key");
    assert.deepEqual(rig.settled(), ["pending 1", "pending 2", "sent 3", "sent 1"]);
  });

  it("gives up after its last attempt, and at once when there is no hope; the next reply goes out", async () => {
    await using rig = await setUpOutbox({ options: { maxAttempts: 2 } });
    const busy: SendOutcome = { outcome: "retry", error: "busy" };
    await rig.add("1", "a", [busy, busy]);
    await rig.add("2", "b", [{ outcome: "failed", error: "the chat is gone" }]);
    await rig.add("3", "b");
    rig.outbox.start();
    await eventually(() => rig.settled().length === 3);
    assert.deepEqual(rig.settled().toSorted(), ["failed 1", "pending 1", "sent 1"]);
    rig.clock.advance(1_000);
    await eventually(() => rig.settled()[3] === "failed 2");
    assert.equal((await rig.store.reader.stats()).deliveries.failed, 2);
  });

  it("fails a reply to a platform that is not configured, and says so", async () => {
    await using rig = await setUpOutbox();
    await rig.add("1", "a", [], { platform: "pigeon" });
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "failed 1");
    assert.match(rig.telemetry.of("deliverySettled")[0]?.[0].error ?? "", /No platform named "pigeon"/);
  });

  for (const [what, answer] of [
    ["may have arrived", { outcome: "ambiguous", error: "no answer" }],
    ["made the platform throw", new Error("nobody foresaw this")],
  ] as const) {
    it(`repeats what ${what} only where a repetition is recognised`, async () => {
      await using careful = await setUpOutbox({ idempotent: false });
      await careful.add("1", "a", [answer]);
      careful.outbox.start();
      await eventually(() => careful.settled()[0] === "unknown 1");

      await using safe = await setUpOutbox({ idempotent: true });
      await safe.add("1", "a", [answer]);
      safe.outbox.start();
      await eventually(() => safe.settled()[0] === "pending 1");
      safe.clock.advance(1_000);
      await eventually(() => safe.settled()[1] === "sent 2");
    });

    it(`shows as unknown what ${what} at its last attempt`, async () => {
      await using rig = await setUpOutbox({ idempotent: true, options: { maxAttempts: 1 } });
      await rig.add("1", "a", [answer]);
      rig.outbox.start();
      await eventually(() => rig.settled()[0] === "unknown 1");
    });
  }

  for (const [idempotent, settled] of [
    [true, "sent 2"],
    [false, "unknown 2"],
  ] as const) {
    it(`finds a delivery whose sender has died: ${settled} where idempotent is ${idempotent}`, async () => {
      await using rig = await setUpOutbox({ idempotent });
      await rig.add("1", "a");
      await rig.store.takeDeliveries({ node: "node-0", leaseMs: 30_000, limit: 1 });
      await rig.store.releaseNode("node-0");
      rig.outbox.start();
      await eventually(() => rig.settled()[0] === settled);
    });
  }

  it("does not try without end a delivery whose senders keep dying", async () => {
    await using rig = await setUpOutbox({ idempotent: true, options: { maxAttempts: 2 } });
    await rig.add("1", "a");
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await rig.store.takeDeliveries({ node: "node-0", leaseMs: 30_000, limit: 1 });
      await rig.store.releaseNode("node-0");
    }
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "unknown 3");
    assert.equal(rig.sent.length, 0);
  });

  it("aborts a send before its lease ends, and counts it as ambiguous", async () => {
    await using rig = await setUpOutbox({ options: { leaseMs: 20_000 } });
    await rig.add("1", "a", [NEVER]);
    rig.outbox.start();
    await eventually(() => rig.sent.length === 1);
    rig.clock.advance(15_000);
    await eventually(() => rig.settled()[0] === "unknown 1");
    assert.equal(rig.signals[0]?.aborted, true);
    assert.match(rig.telemetry.of("deliverySettled")[0]?.[0].error ?? "", /no answer within 15 s/);
  });

  it("writes down what was sent as soon as the store can, without sending it again", async () => {
    let isDown = true;
    const settlements: string[] = [];
    await using rig = await setUpOutbox({
      settleDelivery: (_, { state }) => {
        if (isDown) return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "full", { retryable: true }));
        settlements.push(state);
        return Promise.resolve("settled");
      },
    });
    await rig.add("1", "a");
    rig.outbox.start();
    await eventually(() => rig.telemetry.of("faulted").length === 1);
    isDown = false;
    rig.clock.advance(50);
    await eventually(() => settlements[0] === "sent");
    assert.equal(rig.sent.length, 1);
  });

  it("waits for what is on its way when it stops, and takes nothing more", async () => {
    await using rig = await setUpOutbox();
    const gate = Promise.withResolvers<SendOutcome>();
    await rig.add("1", "a", [gate.promise]);
    rig.outbox.start();
    await eventually(() => rig.sent.length === 1);
    const stopped = rig.outbox.stop({ drainMs: 10_000 });
    await rig.add("2", "b");
    gate.resolve({ outcome: "sent", remoteId: null });
    await stopped;
    assert.deepEqual([rig.texts(), rig.settled()], [["1"], ["sent 1"]]);
  });

  it("aborts what is still on its way after that, and writes it down", async () => {
    await using rig = await setUpOutbox({ idempotent: true });
    await rig.add("1", "a", [NEVER]);
    rig.outbox.start();
    await eventually(() => rig.sent.length === 1);
    const stopped = rig.outbox.stop({ drainMs: 10_000 });
    await settle();
    rig.clock.advance(10_000);
    await stopped;
    assert.deepEqual(rig.settled(), ["pending 1"]);
  });
});
