import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRateLimit, type RateLimit } from "../../src/lib/rate-limit.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";

/** How often something was done before it was refused. */
function burst(limit: RateLimit, key: string): number {
  let done = 0;
  while (limit.waitMs(key) === 0) {
    limit.take(key);
    done += 1;
  }
  return done;
}

test("a minute's worth goes at once, and then one whenever the wait that was named is over", () => {
  const clock = createManualClock(0);
  const limit = createRateLimit({ perMinute: 20, clock });
  assert.equal(burst(limit, "ada"), 20);
  assert.equal(limit.waitMs("ada"), 3_000);
  clock.advance(2_999);
  assert.equal(limit.waitMs("ada"), 1);
  clock.advance(1);
  assert.equal(burst(limit, "ada"), 1);
  clock.advance(3_600_000);
  assert.equal(burst(limit, "ada"), 20, "no more is saved up than a minute's worth");
});

test("one key knows nothing of another", () => {
  const limit = createRateLimit({ perMinute: 2, clock: createManualClock(0) });
  burst(limit, "ada");
  assert.equal(burst(limit, "bob"), 2);
});

test("the first refusal is told once, until the bucket is half full again", () => {
  for (const perMinute of [1, 2, 20]) {
    const clock = createManualClock(0);
    const limit = createRateLimit({ perMinute, clock });
    burst(limit, "ada");
    assert.deepEqual([limit.isFirstRefusal("ada"), limit.isFirstRefusal("ada")], [true, false]);
    if (perMinute > 2) {
      clock.advance(3_000);
      burst(limit, "ada");
      assert.equal(limit.isFirstRefusal("ada"), false, "it goes on");
    }
    clock.advance(60_000);
    burst(limit, "ada");
    assert.equal(limit.isFirstRefusal("ada"), true);
  }
});

test("in no minute is more done than the limit and what refills meanwhile", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.nat(20_000), { maxLength: 60 }), (perMinute, pauses) => {
      const clock = createManualClock(0);
      const limit = createRateLimit({ perMinute, clock });
      const times: number[] = [];
      for (const pause of pauses) {
        clock.advance(pause);
        if (limit.waitMs("ada") > 0) continue;
        limit.take("ada");
        times.push(clock.now());
      }
      for (const start of times) {
        const within = times.filter((time) => time >= start && time < start + 60_000).length;
        assert.ok(within <= 2 * perMinute, `${within} in a minute`);
      }
    }),
  );
});

test("any number of keys costs no more than ten thousand, and the newest keep theirs", () => {
  const limit = createRateLimit({ perMinute: 1, clock: createManualClock(0) });
  limit.take("first");
  for (let n = 0; n < 10_000; n += 1) limit.take(`stranger ${n}`);
  assert.equal(limit.waitMs("first"), 0, "the one used longest ago is forgotten");
  assert.ok(limit.waitMs("stranger 0") > 0);
});
