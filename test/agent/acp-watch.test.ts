import assert from "node:assert/strict";
import { test } from "node:test";
import { createAcpWatch, type AcpWatch } from "../../src/agent/acp-watch.ts";
import { createTimeLimit } from "../../src/agent/time-limit.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly watch: AcpWatch;
  isOver(): { idle: boolean; total: boolean };
  /** The turn is over. */
  end(): void;
}

function setUp(): Setup {
  const clock = createManualClock(0);
  const [idle, total] = [createTimeLimit(clock, 1_000), createTimeLimit(clock, 5_000)];
  total.restart();
  return {
    clock,
    watch: createAcpWatch(idle, total),
    isOver: () => ({ idle: idle.signal.aborted, total: total.signal.aborted }),
    end: () => [idle, total].forEach((limit) => limit[Symbol.dispose]()),
  };
}

test("any sign of life gives the full time again", () => {
  const { clock, watch, isOver } = setUp();
  watch.wait();
  clock.advance(999);
  watch.sign();
  clock.advance(999);
  assert.deepEqual(isOver(), { idle: false, total: false });
  clock.advance(1);
  assert.deepEqual(isOver(), { idle: true, total: false });
});

test("while nothing is waited for it is not silent, whatever it sends", () => {
  const { clock, watch, isOver } = setUp();
  watch.wait();
  watch.rest();
  watch.sign();
  clock.advance(4_999);
  assert.deepEqual(isOver(), { idle: false, total: false });
  clock.advance(1);
  assert.deepEqual(isOver(), { idle: false, total: true });
});

test("while a person is asked no time passes, and then what was left goes on", () => {
  const { clock, watch, isOver } = setUp();
  watch.wait();
  clock.advance(900);
  const questions = [watch.asking(), watch.asking()];
  for (const question of questions) {
    clock.advance(60_000);
    watch.sign();
    question[Symbol.dispose]();
  }
  clock.advance(999);
  watch.sign();
  assert.deepEqual(isOver(), { idle: false, total: false });
  watch.rest();
  clock.advance(3_100);
  assert.deepEqual(isOver(), { idle: false, total: false });
  clock.advance(1);
  assert.deepEqual(isOver(), { idle: false, total: true });
});

test("what ends last, the turn or its question, leaves no timer", () => {
  const { clock, watch, isOver, end } = setUp();
  const question = watch.asking();
  end();
  question[Symbol.dispose]();
  clock.advance(60_000);
  assert.deepEqual(isOver(), { idle: false, total: false });
});
