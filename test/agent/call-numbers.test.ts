import assert from "node:assert/strict";
import { test } from "node:test";
import { createCallNumbers } from "../../src/agent/call-numbers.ts";

test("a call has one number, whoever asks first", () => {
  const numbers = createCallNumbers();
  assert.equal(numbers.ofShown("a"), 0);
  assert.equal(numbers.ofCall("b"), 1);
  assert.deepEqual([numbers.ofCall("a"), numbers.ofShown("b")], [0, 1]);
});

test("an id that comes again in another step is another call, also when what is shown lags behind", () => {
  const numbers = createCallNumbers();
  assert.equal(numbers.ofCall("a"), 0);
  numbers.nextRun();
  assert.equal(numbers.ofCall("a"), 1);
  assert.equal(numbers.ofShown("a"), 0);
  numbers.nextShown();
  assert.equal(numbers.ofShown("a"), 1);
});
