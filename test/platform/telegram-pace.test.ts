import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Destination } from "../../src/core/delivery.ts";
import { createTelegramPace, type TelegramPace } from "../../src/platform/telegram-pace.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";

const MINUTE = 60_000;

function chat(id: number, chatType: Destination["chatType"] = "dm"): Destination {
  return { platform: "telegram", account: "4242", chatType, chat: String(id), thread: null, user: "7" };
}

const ADA = chat(7);
const GROUP = chat(-1001, "group");

function setUp(): { readonly clock: ManualClock; readonly pace: TelegramPace } {
  const clock = createManualClock(0);
  return { clock, pace: createTelegramPace(clock) };
}

/** Takes as soon as it may, for a time, and returns when it could. */
function takeFor(
  ms: number,
  { clock, pace }: ReturnType<typeof setUp>,
  take: (pace: TelegramPace) => number,
): number[] {
  const taken: number[] = [];
  for (const start = clock.now(); clock.now() - start < ms;) {
    const waitMs = take(pace);
    if (waitMs === 0) taken.push(clock.now());
    clock.advance(Math.max(1, Math.ceil(waitMs)));
  }
  return taken;
}

describe("the pace on Telegram", () => {
  it("is one message a second in a chat", () => {
    const rig = setUp();
    assert.deepEqual(
      takeFor(5_000, rig, (pace) => pace.take(ADA)),
      [0, 1_000, 2_000, 3_000, 4_000],
    );
  });

  it("is twenty a minute in a group, whichever minute", () => {
    const rig = setUp();
    const taken = takeFor(5 * MINUTE, rig, (pace) => pace.take(GROUP));
    for (const from of taken) {
      const within = taken.filter((at) => at >= from && at < from + MINUTE).length;
      assert.ok(within <= 20, `${within} within the minute from ${from}`);
    }
    assert.ok(taken.length >= 95, `only ${taken.length} in five minutes`);
  });

  it("counts the topics of a group together, and other chats apart", () => {
    const { pace } = setUp();
    assert.equal(pace.take({ ...GROUP, chatType: "thread", thread: "1" }), 0);
    assert.equal(pace.take({ ...GROUP, chatType: "thread", thread: "2" }), 1_000);
    assert.equal(pace.take(ADA), 0);
  });

  it("leaves room in a group for what has to arrive", () => {
    const rig = setUp();
    const taken = takeFor(50_000, rig, (pace) => pace.takeSpare(GROUP));
    assert.equal(taken.length, 15);
    assert.equal(rig.pace.take(GROUP), 0);
  });

  it("is about thirty a second for a bot, and sends those who come too soon away to come back one by one", () => {
    const rig = setUp();
    const waits = Array.from({ length: 100 }, (_, index) => rig.pace.take(chat(index)));
    assert.equal(waits.filter((waitMs) => waitMs === 0).length, 30);
    const away = waits.filter((waitMs) => waitMs > 0);
    assert.equal(new Set(away.map((waitMs) => Math.round(waitMs))).size, 70);
    assert.ok(Math.max(...away) < 2_500);
  });

  it("leaves room for what has to arrive there, too", () => {
    const { pace } = setUp();
    const spare = Array.from({ length: 40 }, (_, index) => pace.takeSpare(chat(index)));
    assert.equal(spare.filter((waitMs) => waitMs === 0).length, 20);
    assert.equal(pace.take(chat(100)), 0);
  });

  it("does not let what can be left out push back what has to arrive", () => {
    const { pace } = setUp();
    for (let id = 0; id < 1_000; id += 1) pace.takeSpare(chat(id));
    const waits = Array.from({ length: 30 }, (_, index) => pace.take(chat(2_000 + index)));
    assert.ok(Math.max(...waits) < 1_000, `${Math.max(...waits)} ms`);
  });

  it("keeps the rest that Telegram asks for, in that chat, up to an hour", () => {
    const { clock, pace } = setUp();
    pace.hold(ADA, 30_000);
    assert.deepEqual([pace.take(ADA), pace.restMs(ADA), pace.take(GROUP)], [30_000, 30_000, 0]);
    clock.advance(30_000);
    assert.equal(pace.take(ADA), 0);
    pace.hold(ADA, Number.POSITIVE_INFINITY);
    assert.equal(pace.restMs(ADA), 3_600_000);
  });

  it("says how long a chat has to rest", () => {
    const { clock, pace } = setUp();
    assert.equal(pace.restMs(ADA), 0);
    pace.count(ADA);
    clock.advance(300);
    assert.equal(pace.restMs(ADA), 700);
  });
});
