import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTyping } from "../../src/gateway/typing.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { createLive, type Live } from "../../src/turn/live.ts";

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
    follow: () => typing.follow("ses_1", platform, DESTINATION),
    start: () => live.publish("ses_1", { type: "start", turnId: "trn_1", attempt: 1, seqs: [1] }),
    end: () => live.publish("ses_1", { type: "end", turnId: "trn_1", outcome: "done" }),
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

  it("ends with the gateway", () => {
    const rig = setUp();
    rig.start();
    rig.follow();
    rig.typing.stop();
    rig.clock.advance(60_000);
    assert.equal(rig.shown.length, 1);
  });
});
