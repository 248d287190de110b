import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_BUSY, checkBusyPolicy, waitingDueAt, type BusyPolicy } from "../../src/core/busy-policy.ts";
import { ParlorError } from "../../src/core/errors.ts";

const anyTime = fc.integer({ min: 0, max: 10_000_000 });
const anyTimes = fc.tuple(anyTime, anyTime).map(([a, b]) => ({ oldestAt: Math.min(a, b), newestAt: Math.max(a, b) }));
const anyPolicy: fc.Arbitrary<BusyPolicy> = fc.record({
  mode: fc.constantFrom("collect", "interrupt"),
  debounceMs: fc.nat({ max: 60_000 }),
  maxWaiting: fc.constant(100),
});
const collect = (debounceMs: number): BusyPolicy => ({ ...DEFAULT_BUSY, debounceMs });

test("a turn begins when nobody has written for one debounce", () => {
  assert.equal(waitingDueAt(collect(2_000), { oldestAt: 10_000, newestAt: 10_000 }, 10_000), 12_000);
  assert.equal(waitingDueAt(collect(2_000), { oldestAt: 10_000, newestAt: 11_500 }, 11_500), 13_500);
});

test("at the latest ten debounces after the oldest message", () => {
  assert.equal(waitingDueAt(collect(2_000), { oldestAt: 10_000, newestAt: 29_500 }, 29_500), 30_000);
  assert.equal(waitingDueAt(collect(2_000), { oldestAt: 10_000, newestAt: 40_000 }, 40_000), 40_000);
});

test("without a debounce, and with queue, what waits is due at once", () => {
  fc.assert(
    fc.property(anyTimes, anyTime, (times, now) => {
      assert.equal(waitingDueAt(collect(0), times, now), now);
      assert.equal(waitingDueAt({ ...collect(0), mode: "queue" }, times, now), now);
    }),
  );
});

test("it is never due before now and never later than one debounce from now, wherever the clock was set", () => {
  fc.assert(
    fc.property(anyPolicy, anyTimes, anyTime, (policy, times, now) => {
      const dueAt = waitingDueAt(policy, times, now);
      assert.ok(dueAt >= now && dueAt <= now + policy.debounceMs);
    }),
  );
});

test("a newer message never makes it due earlier, and time that passes never later than it was", () => {
  fc.assert(
    fc.property(anyPolicy, anyTimes, fc.nat({ max: 600_000 }), (policy, { oldestAt, newestAt }, later) => {
      const dueAt = waitingDueAt(policy, { oldestAt, newestAt }, newestAt);
      const joined = waitingDueAt(policy, { oldestAt, newestAt: newestAt + later }, newestAt + later);
      assert.ok(joined >= dueAt || joined === newestAt + later);
      const looked = waitingDueAt(policy, { oldestAt, newestAt }, newestAt + later);
      assert.equal(looked, Math.max(dueAt, newestAt + later));
    }),
  );
});

test("a policy that can be carried out is accepted", () => {
  assert.doesNotThrow(() => checkBusyPolicy(DEFAULT_BUSY));
  assert.doesNotThrow(() => checkBusyPolicy({ mode: "queue", debounceMs: 0, maxWaiting: 1 }));
  fc.assert(fc.property(anyPolicy, (policy) => assert.doesNotThrow(() => checkBusyPolicy(policy))));
});

test("a policy that cannot be carried out is refused with what was found", () => {
  const refused: readonly (readonly [Partial<BusyPolicy>, RegExp])[] = [
    [{ debounceMs: -1 }, /found -1/],
    [{ debounceMs: 0.5 }, /found 0\.5/],
    [{ debounceMs: Infinity }, /found Infinity/],
    [{ mode: "queue", debounceMs: 1_000 }, /mode "queue".*found 1000/],
    [{ maxWaiting: 0 }, /found 0/],
    [{ maxWaiting: Number.NaN }, /found NaN/],
  ];
  for (const [policy, message] of refused) {
    assert.throws(
      () => checkBusyPolicy({ ...DEFAULT_BUSY, ...policy }),
      (error) => error instanceof ParlorError && error.code === "INVALID_CONFIG" && message.test(error.message),
      JSON.stringify(policy),
    );
  }
});
