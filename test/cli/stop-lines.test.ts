import assert from "node:assert/strict";
import { test } from "node:test";
import { stopLines } from "../../src/cli/stop-lines.ts";

const NOTHING = { messages: 0, deliveries: 0, events: 0 };

test("a gateway that stops says what it has ended and what it leaves", () => {
  const clean = { finishedTurns: 2, leftTurns: [], doubtfulDeliveries: [], waiting: NOTHING };
  assert.deepEqual(stopLines(clean), ["Stopped: 2 turns finished, nothing is left."]);
  assert.deepEqual(stopLines({ ...clean, waiting: null }), ["Stopped: 2 turns finished, nothing is left."]);
  assert.deepEqual(stopLines({ ...clean, leftTurns: ["trn_1"], waiting: { messages: 2, deliveries: 1, events: 3 } }), [
    "Stopped: 2 turns finished, 1 turn, 2 messages, 1 reply, 3 events for hooks left for the next start.",
  ]);
});

test("it names the replies that may have arrived", () => {
  const doubtful = { finishedTurns: 0, leftTurns: [], doubtfulDeliveries: ["dlv_1", "dlv_2"], waiting: NOTHING };
  assert.deepEqual(stopLines(doubtful), [
    "Stopped: 0 turns finished, nothing else is left.",
    "Whether it has arrived is not known of dlv_1, dlv_2; see parlor deliveries list.",
  ]);
});
