import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs, waitMs } from "../../src/lib/backoff.ts";

const anyBackoff = fc.record({
  firstMs: fc.integer({ min: 1, max: 10_000 }),
  maxMs: fc.integer({ min: 1, max: 3_600_000 }),
});
const anyAttempt = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1 }));
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("a wait is between half and all of the doubled first wait, and never over the longest", () => {
  fc.assert(
    fc.property(anyBackoff, anyAttempt, anyRandom, (backoff, attempt, random) => {
      const wait = backoffMs(backoff, attempt, () => random);
      const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1));
      assert.ok(Number.isSafeInteger(wait));
      assert.ok(wait >= Math.floor(full / 2) && wait <= full, `${wait} of ${full}`);
      assert.ok(wait <= backoff.maxMs);
    }),
    { numRuns: 1_000 },
  );
});

test("a later attempt never waits less, chance aside, and more chance never means less", () => {
  fc.assert(
    fc.property(anyBackoff, anyAttempt, anyRandom, anyRandom, (backoff, attempt, a, b) => {
      assert.ok(backoffMs(backoff, attempt + 1, () => a) >= backoffMs(backoff, attempt, () => a));
      assert.ok(backoffMs(backoff, attempt, () => Math.max(a, b)) >= backoffMs(backoff, attempt, () => Math.min(a, b)));
    }),
  );
});

test("the waits spread over the upper half", () => {
  const backoff = { firstMs: 1_000, maxMs: 60_000 };
  assert.equal(
    backoffMs(backoff, 1, () => 0),
    500,
  );
  assert.equal(
    backoffMs(backoff, 3, () => 0.5),
    3_000,
  );
  assert.equal(
    backoffMs(backoff, 100, () => 0.999_999),
    60_000,
  );
  const waits = Array.from({ length: 50 }, () => backoffMs(backoff, 1));
  assert.ok(new Set(waits).size > 1);
});

test("what the other side asks for is granted up to an hour, whatever it asks for", () => {
  const backoff = { firstMs: 1_000, maxMs: 1_000 };
  assert.equal(waitMs(backoff, 1, 30_000), 30_000);
  assert.equal(waitMs(backoff, 1, 6_000.7), 6_001);
  for (const tooLong of [1e17, Infinity]) assert.equal(waitMs(backoff, 1, tooLong), 3_600_000);
  for (const nothing of [null, undefined, 0, -5_000, -Infinity, Number.NaN]) {
    const wait = waitMs(backoff, 1, nothing);
    assert.ok(Number.isSafeInteger(wait) && wait >= 500 && wait <= 1_000, `${wait} for ${nothing}`);
  }
});
