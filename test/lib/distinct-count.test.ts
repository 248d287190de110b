import assert from "node:assert/strict";
import { test } from "node:test";
import { createDistinctCount, hash52 } from "../../src/lib/distinct-count.ts";

test("nothing counted is exactly none", () => {
  assert.equal(createDistinctCount().estimate(), 0);
});

test("the estimate is within 3 % at every size", () => {
  const count = createDistinctCount();
  const sizes = [1, 10, 100, 1000, 10_000, 40_000, 80_000, 200_000];
  for (let size = 1; size <= 200_000; size += 1) {
    count.add(hash52(`key ${size}`));
    if (!sizes.includes(size)) continue;
    const error = Math.abs(count.estimate() - size) / size;
    assert.ok(error < 0.03, `${size} was estimated as ${count.estimate()}`);
  }
});

test("what was seen before changes nothing", () => {
  const count = createDistinctCount();
  for (let key = 0; key < 1000; key += 1) count.add(hash52(String(key)));
  const before = count.estimate();
  for (let key = 0; key < 1000; key += 1) count.add(hash52(String(key)));
  assert.equal(count.estimate(), before);
});

test("the least and the greatest hash are counted", () => {
  const count = createDistinctCount();
  for (const hash of [0, 2 ** 52 - 1]) count.add(hash);
  assert.ok(Math.abs(count.estimate() - 2) < 0.1);
});

test("a hash has 52 bits and depends on every letter", () => {
  const hashes = Array.from({ length: 2000 }, (_, index) => hash52(`["demo","${index}"]`));
  assert.equal(new Set(hashes).size, hashes.length);
  assert.ok(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0 && hash < 2 ** 52));
  assert.ok(hashes.some((hash) => hash >= 2 ** 51));
});
