import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SessionKey } from "../../src/core/session-key.ts";
import { EXACT_KEYS, createAvoidedSessions } from "../../src/telemetry/avoided-sessions.ts";

const keyOf = (name: number | string): SessionKey => JSON.stringify(["demo", "default", "dm", name]) as SessionKey;

const action = fc.record({ key: fc.integer({ min: 0, max: 30 }), opened: fc.boolean() });

test("below the cap the count is exact, however signals and first words are interleaved", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const avoided = createAvoidedSessions(31);
      const expected = new Set<number>();
      for (const { key, opened } of actions) {
        if (opened) expected.delete(key);
        else expected.add(key);
        avoided[opened ? "opened" : "signalled"](keyOf(key));
        assert.deepEqual(avoided.count(), { keys: expected.size, precision: "exact" });
        assert.equal(avoided.has(keyOf(key)), expected.has(key));
      }
    }),
  );
});

test("beyond the cap the count stays near the truth, however they are interleaved", () => {
  const phased = fc.tuple(fc.array(action, { maxLength: 150 }), fc.integer({ min: 0, max: 10 }));
  fc.assert(
    fc.property(phased, ([actions, cap]) => {
      const avoided = createAvoidedSessions(cap);
      const spoken = new Set<number>();
      const silent = new Set<number>();
      for (const { key, opened } of actions) {
        // The store is asked: a key with a stored session is not reported as silent.
        if (opened) spoken.add(key);
        if (opened) silent.delete(key);
        else if (!spoken.has(key)) silent.add(key);
        if (opened || !spoken.has(key)) avoided[opened ? "opened" : "signalled"](keyOf(key));
      }
      // At 31 keys a sketch is wrong by less than one.
      assert.ok(Math.abs(avoided.count().keys - silent.size) <= 1);
      for (const key of spoken) assert.ok(!avoided.has(keyOf(key)));
    }),
  );
});

test("the cap itself is exact, one more is an estimate", () => {
  const avoided = createAvoidedSessions();
  for (let key = 0; key < EXACT_KEYS; key += 1) avoided.signalled(keyOf(key));
  assert.deepEqual(avoided.count(), { keys: 65_536, precision: "exact" });
  avoided.signalled(keyOf(0));
  assert.equal(avoided.count().precision, "exact", "a key that is counted needs no room");
  avoided.signalled(keyOf("one more"));
  assert.deepEqual(avoided.count(), { keys: 65_537, precision: "estimate" });
  assert.ok(avoided.has(keyOf(0)) && !avoided.has(keyOf("one more")), "what is only estimated is not surely counted");
});

test("a million keys, a third of which speak later, are estimated within 3 % of all", () => {
  const avoided = createAvoidedSessions(1000);
  const keys = Array.from({ length: 1_000_000 }, (_, index) => keyOf(index));
  for (const [index, key] of keys.entries()) {
    avoided.signalled(key);
    if (index % 3 === 0) avoided.opened(key);
  }
  const silent = keys.length - Math.ceil(keys.length / 3);
  const { keys: counted, precision } = avoided.count();
  assert.equal(precision, "estimate");
  assert.ok(Math.abs(counted - silent) < 0.03 * keys.length, `${counted} for ${silent}`);
});

test("the memory of a flood is bounded: past the cap no key is kept", () => {
  const avoided = createAvoidedSessions(100);
  for (let key = 0; key < 5000; key += 1) avoided.signalled(keyOf(key));
  const kept = Array.from({ length: 5000 }, (_, key) => avoided.has(keyOf(key))).filter(Boolean);
  assert.equal(kept.length, 100);
});

test("a place that becomes free past the cap is not filled with a key the sketches have seen", () => {
  const avoided = createAvoidedSessions(1);
  avoided.signalled(keyOf("a"));
  avoided.signalled(keyOf("b"));
  avoided.opened(keyOf("a"));
  avoided.signalled(keyOf("b"));
  assert.deepEqual(avoided.count(), { keys: 1, precision: "estimate" });
});
