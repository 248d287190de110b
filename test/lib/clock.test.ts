import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/lib/clock.ts";

test("a timer runs once", async () => {
  let runs = 0;
  await new Promise<void>((resolve) => {
    systemClock.timer(1, () => {
      runs += 1;
      resolve();
    });
    // The clock's own timers do not keep the process alive.
    void sleep(1_000, null, { ref: true });
  });
  assert.equal(runs, 1);
});

test("a cancelled timer does not run, however often it is cancelled", async () => {
  let runs = 0;
  const cancel = systemClock.timer(1, () => (runs += 1));
  cancel();
  cancel();
  await sleep(20);
  assert.equal(runs, 0);
});

test("a delay longer than setTimeout can take does not run at once", async () => {
  const runs: number[] = [];
  const cancels = [2 ** 31, 2 ** 33, Infinity].map((delayMs) => systemClock.timer(delayMs, () => runs.push(delayMs)));
  await sleep(20);
  for (const cancel of cancels) cancel();
  assert.deepEqual(runs, []);
});

test("a long delay is waited for to its end, and can be cancelled on the way", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const day = 24 * 3_600_000;
  const runs: string[] = [];
  systemClock.timer(60 * day, () => runs.push("kept"));
  const cancel = systemClock.timer(60 * day, () => runs.push("cancelled"));
  const pass = (days: number): void => {
    for (let passed = 0; passed < days; passed += 1) context.mock.timers.tick(day);
  };
  pass(30);
  cancel();
  pass(29);
  assert.deepEqual(runs, []);
  // The held clock moves a day at a time, and each part of a long delay begins where the clock stands.
  pass(3);
  assert.deepEqual(runs, ["kept"]);
  pass(60);
  assert.deepEqual(runs, ["kept"]);
});

test("the monotonic clock does not go back", () => {
  let last = systemClock.monotonic();
  for (let reading = 0; reading < 1_000; reading += 1) {
    const now = systemClock.monotonic();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(Number.isInteger(systemClock.now()));
});
