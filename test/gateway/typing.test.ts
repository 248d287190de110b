import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTyping } from "../../src/gateway/typing.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { createLive, type Live, type LiveOutcome } from "../../src/turn/live.ts";

const DESTINATION = { platform: "fake", account: "a", chatType: "dm", chat: "7", thread: null, user: "7" } as const;

function setUp() {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const live: Live = createLive({ onFault: (error) => assert.fail(String(error)) });
  const shown: string[] = [];
  const platform = { showTyping: async ({ chat }: { readonly chat: string }) => void shown.push(chat) };
  const typing = createTyping({ live, clock });
  return {
    clock,
    shown,
    typing,
    follow: (seq = 1) => typing.follow({ id: "ses_1", seq }, platform, DESTINATION),
    start: (turnId = "trn_1", seqs: readonly number[] = [1]) =>
      live.publish("ses_1", { type: "start", turnId, attempt: 1, seqs }),
    end: (outcome: LiveOutcome = "done", turnId = "trn_1") => live.publish("ses_1", { type: "end", turnId, outcome }),
  };
}

describe("typing", () => {
  it("is shown from the beginning of a turn to its end, again and again", () => {
    const rig = setUp();
    rig.follow();
    rig.follow();
    assert.equal(rig.shown.length, 0, "nobody works on it yet");
    rig.start();
    assert.equal(rig.shown.length, 1);
    rig.clock.advance(4_500);
    rig.clock.advance(4_500);
    assert.equal(rig.shown.length, 3);
    rig.end();
    rig.clock.advance(60_000);
    assert.equal(rig.shown.length, 3);
    rig.start();
    assert.equal(rig.shown.length, 3, "nobody said anything for this one");
  });

  it("is shown for a turn that has begun already", () => {
    const rig = setUp();
    rig.start();
    rig.follow();
    assert.equal(rig.shown.length, 1);
  });

  it("goes on with the turn that follows an interrupted one, also when that has begun already", () => {
    for (const beginsFirst of [false, true]) {
      const rig = setUp();
      rig.start();
      rig.follow();
      const steps = [() => rig.end("interrupted"), () => rig.start("trn_2")];
      for (const step of beginsFirst ? steps.toReversed() : steps) step();
      rig.clock.advance(4_500);
      assert.equal(rig.shown.length, 3);
      rig.end("done", "trn_2");
      rig.clock.advance(60_000);
      assert.equal(rig.shown.length, 3);
    }
  });

  it("is shown again for what was said while a turn ran", () => {
    const rig = setUp();
    rig.follow(1);
    rig.start("trn_1", [1]);
    rig.follow(2);
    rig.follow(3);
    rig.end("done", "trn_1");
    rig.clock.advance(60_000);
    assert.equal(rig.shown.length, 1, "nobody works on it yet");
    for (const [turnId, seq, shown] of [
      ["trn_2", 2, 2],
      ["trn_3", 3, 3],
      ["trn_4", 4, 3],
    ] as const) {
      rig.start(turnId, [seq]);
      rig.end("done", turnId);
      assert.equal(rig.shown.length, shown, turnId);
    }
  });

  it("ends with what was stopped, and with it what waited", () => {
    const rig = setUp();
    rig.follow(1);
    rig.start("trn_1", [1]);
    rig.follow(2);
    rig.end("cancelled", "trn_1");
    rig.start("trn_2", [3]);
    assert.equal(rig.shown.length, 1);
  });

  it("ends with the gateway", () => {
    const rig = setUp();
    rig.start();
    rig.follow();
    rig.typing.stop();
    rig.clock.advance(60_000);
    assert.equal(rig.shown.length, 1);
  });
});
