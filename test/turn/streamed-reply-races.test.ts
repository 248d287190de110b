import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { splitText } from "../../src/platform/split-text.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { createFakePlatform } from "../../src/testing/fake-platform.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { StreamedReply } from "../../src/turn/streamed-reply.ts";
import { eventually, settle } from "./eventually.ts";
import { INTERVAL_MS, setUpStreaming, told } from "./streaming-setup.ts";

const SECOND = 1_000;

/** A reply of a turn that was claimed, and how often its first message was made of what was heard. */
async function setUpReply(maxLength: number) {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const platform = createFakePlatform({ name: "test", idempotent: false, maxLength, intervalMs: INTERVAL_MS });
  await store.accept(messageOf("hello"));
  const turn = await store.claimTurn({ node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 });
  assert.ok(turn !== null && platform.streaming !== undefined);
  const cut: number[] = [];
  const faults: unknown[] = [];
  const reply = new StreamedReply({
    store,
    platform: { ...platform, streaming: platform.streaming },
    lease: turn.lease,
    destination: sourceOf(),
    firstPiece: (text) => {
      cut.push(text.length);
      return splitText(text, maxLength)[0] ?? null;
    },
    clock,
    onLost: () => {},
    onDue: () => {},
    onFault: (error) => faults.push(error),
    signal: new AbortController().signal,
  });
  return {
    reply,
    platform,
    cut,
    faults,
    pass: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 50) {
        clock.advance(50);
        await settle();
      }
    },
    [Symbol.asyncDispose]: async () => {
      reply.end();
      await reply.quiet;
      await store[Symbol.asyncDispose]();
    },
  };
}

describe("a reply that is shown while it is written, when things happen at once", () => {
  it("is not posted any more when its turn ends while the store is asked for leave", async () => {
    const leave = Promise.withResolvers<void>();
    let asked = false;
    await using rig = await setUpStreaming({
      wrap: (store) => ({
        ...store,
        openDelivery: async (...lease: Parameters<Store["openDelivery"]>) => {
          const opened = await store.openDelivery(...lease);
          asked = true;
          await leave.promise;
          return opened;
        },
      }),
    });
    const agent = told("Some words. And ", "the end.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    await eventually(() => asked);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    leave.resolve();
    await rig.deliver();
    assert.deepEqual(rig.platform.streamed, []);
    assert.deepEqual(rig.seen(), ["Some words. And the end."]);
  });

  it("is one message when its turn ends while the store cannot take the message's id", async () => {
    let isDown = true;
    let tries = 0;
    await using rig = await setUpStreaming({
      wrap: (store) => ({
        ...store,
        recordPost: (...post: Parameters<Store["recordPost"]>) => {
          tries += 1;
          if (!isDown) return store.recordPost(...post);
          return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true }));
        },
      }),
    });
    const agent = told("Some words. And ", "the end.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    await eventually(() => tries > 0);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    rig.outbox.start();
    await rig.pass(SECOND);
    isDown = false;
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["Some words. And the end."]);
  });

  it("costs nothing any more once the first message is full, however much follows", async () => {
    await using rig = await setUpReply(400);
    for (let word = 0; word < 2_000; word += 1) rig.reply.hear(`word ${word}. `);
    await rig.pass(5 * INTERVAL_MS);
    const before = rig.cut.length;
    for (let word = 0; word < 100; word += 1) {
      rig.reply.hear("more. ");
      await settle();
    }
    assert.equal(rig.cut.length, before);
    assert.ok(Math.max(...rig.cut) < 1_000, `${Math.max(...rig.cut)} characters were looked at`);
    const [shown] = rig.platform.shown.values();
    assert.ok(shown !== undefined && shown.length > 300, "the first message is shown in full");
  });

  it("never shows half of a character, nor one that no store holds", async () => {
    await using rig = await setUpReply(400);
    rig.reply.hear("Some words. And \0 then ");
    await rig.pass(SECOND);
    rig.reply.hear("\ud83d");
    await rig.pass(2 * INTERVAL_MS);
    rig.reply.hear("\ude00 laughs");
    await rig.pass(2 * INTERVAL_MS);
    assert.deepEqual(rig.platform.streamed, [
      "Some words. And \ufffd",
      "Some words. And \ufffd then ",
      "Some words. And \ufffd then 😀 laughs",
    ]);
  });

  it("is sent in full, and nothing is reported, when a platform that is asked does not answer in time", async () => {
    await using rig = await setUpStreaming({ platformOptions: { canBeAsked: true } });
    rig.platform.nextAnswer(new Promise<never>(() => {}));
    const second = told("Again. And ", "on.");
    rig.agent.next(["An answer. That ", HANG], second.script);
    rig.platform.nextStreamed({ outcome: "ambiguous", error: "no answer" });
    await rig.say("hello");
    await rig.pass(300);
    await rig.store.releaseNode("node-1");
    rig.runner.wake();
    await rig.agent.started(2);
    await rig.pass(SECOND);
    assert.equal(rig.platform.asked.length, 1);
    second.next();
    await eventually(() => rig.outcomes().includes("done"));
    await rig.deliver();
    await rig.pass(6 * SECOND);
    assert.deepEqual(rig.seen(), ["Again. And on."]);
    assert.deepEqual(rig.telemetry.of("faulted"), []);
  });
});
