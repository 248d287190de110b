import assert from "node:assert/strict";
import { test } from "node:test";
import { readRetryAfter } from "../../src/lib/retry-after.ts";

const NOW = Date.UTC(2026, 0, 5, 12);

test("a wait is given in seconds or as a date", () => {
  assert.equal(readRetryAfter("7", NOW), 7_000);
  assert.equal(readRetryAfter("0.5", NOW), 500);
  assert.equal(readRetryAfter("Mon, 05 Jan 2026 12:00:30 GMT", NOW), 30_000);
});

test("a date that has passed is no wait, and none is longer than an hour", () => {
  assert.equal(readRetryAfter("Mon, 05 Jan 2026 11:00:00 GMT", NOW), 0);
  assert.equal(readRetryAfter("999999999999", NOW), 3_600_000);
});

test("what is neither says nothing", () => {
  assert.equal(readRetryAfter(null, NOW), null);
  assert.equal(readRetryAfter("soon", NOW), null);
});
