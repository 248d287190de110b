import assert from "node:assert/strict";
import { test } from "node:test";
import { byteSize, count, localMinute, tally } from "../../src/cli/quantity.ts";

test("a count has its noun", () => {
  assert.equal(count(0, "turn"), "0 turns");
  assert.equal(count(1, "turn"), "1 turn");
  assert.equal(count(2, "reply", "replies"), "2 replies");
});

test("a tally leaves out what there is none of", () => {
  assert.equal(tally({ waiting: 0, answered: 3, dead: 1 }), "3 answered, 1 dead");
  assert.equal(tally({ waiting: 0 }), "none");
});

test("a size is told in the unit that fits", () => {
  assert.deepEqual([0, 1023, 1024, 1.5 * 1024 ** 2, 2 * 1024 ** 4].map(byteSize), [
    "0 bytes",
    "1023 bytes",
    "1.0 KiB",
    "1.5 MiB",
    "2.0 TiB",
  ]);
});

test("a minute is told in the zone of the machine", () => {
  assert.equal(localMinute(new Date(2026, 0, 2, 3, 4, 59).getTime()), "2026-01-02 03:04");
});
