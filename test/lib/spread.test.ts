import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createSpread } from "../../src/lib/spread.ts";

test("tasks run in order, a few in each turn of the event loop, also those that come meanwhile", async () => {
  const spread = createSpread(2);
  const ran: number[] = [];
  const turns: number[] = [];
  for (const task of [1, 2, 3, 4, 5]) {
    spread(() => {
      ran.push(task);
      if (task === 2) spread(() => ran.push(6));
    });
  }
  while (ran.length < 6) {
    await nextTurn();
    turns.push(ran.length);
  }
  assert.deepEqual(ran, [1, 2, 3, 4, 5, 6]);
  assert.ok(
    turns.every((count, turn) => count - (turns[turn - 1] ?? 0) <= 2),
    String(turns),
  );
  spread(() => ran.push(7));
  await nextTurn();
  await nextTurn();
  assert.equal(ran.at(-1), 7);
});
