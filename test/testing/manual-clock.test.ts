import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../src/testing/manual-clock.ts";

describe("a manual clock", () => {
  it("stands still until it is told to move", () => {
    const clock = createManualClock(1000);
    assert.deepEqual([clock.now(), clock.monotonic()], [1000, 0]);
    clock.advance(500);
    assert.deepEqual([clock.now(), clock.monotonic()], [1500, 500]);
    clock.advanceTo(1200);
    assert.equal(clock.now(), 1500);
  });

  it("runs timers in the order of their times, each at its time", () => {
    const clock = createManualClock(0);
    const ran: string[] = [];
    for (const [name, delayMs] of Object.entries({ late: 30, early: 10, "as early": 10, never: 50 })) {
      clock.timer(delayMs, () => ran.push(`${name} at ${clock.now()}`));
    }
    clock.advance(9);
    assert.deepEqual(ran, []);
    clock.advance(31);
    assert.deepEqual(ran, ["early at 10", "as early at 10", "late at 30"]);
    assert.equal(clock.now(), 40);
  });

  it("runs timers that are set by timers, when they fall due on the way", () => {
    const clock = createManualClock(0);
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.now());
      clock.timer(10, again);
    };
    clock.timer(10, again);
    clock.advance(35);
    assert.deepEqual(ran, [10, 20, 30]);
  });

  it("forgets a timer that is cancelled, also by another timer of the same time", () => {
    const clock = createManualClock(0);
    const ran: string[] = [];
    clock.timer(10, () => cancelSecond());
    const cancelSecond = clock.timer(10, () => ran.push("second"));
    const cancelThird = clock.timer(5, () => ran.push("third"));
    cancelThird();
    clock.advance(20);
    assert.deepEqual(ran, []);
  });
});
