import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstGroup, isTooOld } from "../../src/core/turn-group.ts";

const NOW = 1_000_000;
const LIMITS = { maxMessages: 10, maxAgeMs: 1_000 };

const sent = (...times: readonly number[]) => times.map((sentAt) => ({ sentAt }));
const anyWaiting = fc.array(
  fc.integer({ min: NOW - 2_000, max: NOW }).map((sentAt) => ({ sentAt })),
  { maxLength: 20 },
);

test("what waits becomes one turn, up to as many messages as it takes", () => {
  const waiting = sent(NOW - 3, NOW - 2, NOW - 1);
  assert.deepEqual(firstGroup({ mode: "collect" }, waiting, LIMITS, NOW), waiting);
  assert.deepEqual(
    firstGroup({ mode: "interrupt" }, waiting, { ...LIMITS, maxMessages: 2 }, NOW),
    sent(NOW - 3, NOW - 2),
  );
});

test("with queue each message is a turn of its own", () => {
  assert.deepEqual(firstGroup({ mode: "queue" }, sent(NOW - 2, NOW - 1), LIMITS, NOW), sent(NOW - 2));
});

test("nothing waits, nothing is a turn", () => {
  for (const mode of ["queue", "collect", "interrupt"] as const) {
    assert.deepEqual(firstGroup({ mode }, [], LIMITS, NOW), []);
  }
});

test("exactly as old as allowed is not too old, and no age is with a limit of 0", () => {
  assert.equal(isTooOld(NOW - 1_000, 1_000, NOW), false);
  assert.equal(isTooOld(NOW - 1_001, 1_000, NOW), true);
  assert.equal(isTooOld(0, 0, NOW), false);
});

test("group after group, everything is taken once and in order, and no turn mixes what is too old with younger", () => {
  fc.assert(
    fc.property(
      anyWaiting,
      fc.constantFrom("queue" as const, "collect" as const, "interrupt" as const),
      fc.record({ maxMessages: fc.integer({ min: 1, max: 5 }), maxAgeMs: fc.constantFrom(0, 500, 1_000) }),
      (waiting, mode, limits) => {
        let rest: readonly { readonly sentAt: number }[] = waiting;
        const taken: { readonly sentAt: number }[] = [];
        while (rest.length > 0) {
          const group = firstGroup({ mode }, rest, limits, NOW);
          assert.ok(group.length > 0 && group.length <= (mode === "queue" ? 1 : limits.maxMessages));
          assert.equal(new Set(group.map(({ sentAt }) => isTooOld(sentAt, limits.maxAgeMs, NOW))).size, 1);
          taken.push(...group);
          rest = rest.slice(group.length);
        }
        assert.deepEqual(taken, waiting);
      },
    ),
  );
});
