import assert from "node:assert/strict";
import { test } from "node:test";
import { createByteCache } from "../../src/lib/byte-cache.ts";

test("what was used least lately is forgotten when there is no room", () => {
  const cache = createByteCache<string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  assert.equal(cache.get("a"), "A");
  cache.set("c", "C", 4);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], ["A", undefined, "C"]);
});

test("a value takes the place of the one under its key", () => {
  const cache = createByteCache<string>(10);
  cache.set("a", "A", 8);
  cache.set("a", "B", 2);
  cache.set("c", "C", 8);
  assert.deepEqual([cache.get("a"), cache.get("c")], ["B", "C"]);
});

test("what is larger than all the room is not kept, and drives nothing out", () => {
  const cache = createByteCache<string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 11);
  assert.deepEqual([cache.get("a"), cache.get("b")], ["A", undefined]);
});
