import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryView } from "../../web/src/api/views.ts";
import { dropStored, unstoredMessages, type Outgoing } from "../../web/src/chat/outgoing.ts";
import {
  EMPTY_WINDOW,
  WINDOW_STEP,
  earlierPage,
  inReadingOrder,
  withLater,
  withNewest,
  withPage,
} from "../../web/src/chat/transcript-window.ts";

const entry = (seq: number, fields: Partial<EntryView> = {}): EntryView => ({
  seq,
  role: "user",
  text: `text ${seq}`,
  state: "answered",
  reason: null,
  createdAt: seq,
  follows: null,
  sender: null,
  attachments: [],
  turn: null,
  ...fields,
});
const range = (from: number, to: number): readonly EntryView[] =>
  Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
const seqs = (entries: readonly EntryView[]): readonly number[] => entries.map(({ seq }) => seq);

test("newer entries join on, and say anew what is there", () => {
  const window = withNewest(withNewest(EMPTY_WINDOW, range(1, 3)), [entry(3, { state: "cancelled" }), entry(4)]);
  assert.deepEqual(seqs(window.entries), [1, 2, 3, 4]);
  assert.equal(window.entries[2]?.state, "cancelled");
});

test("entries that do not join on replace what was there: there is never a gap", () => {
  assert.deepEqual(seqs(withNewest(withNewest(EMPTY_WINDOW, range(1, 3)), range(5, 6)).entries), [5, 6]);
});

test("earlier entries are asked for up to the first", () => {
  const window = withNewest(EMPTY_WINDOW, range(WINDOW_STEP + 11, WINDOW_STEP + 20));
  assert.deepEqual(earlierPage(window), { after: 10, limit: WINDOW_STEP });
  const grown = withPage(window, range(11, WINDOW_STEP + 10));
  assert.deepEqual(earlierPage(grown), { after: 0, limit: 10 });
  assert.deepEqual(earlierPage(withPage(grown, range(1, 10))), { after: 0, limit: 0 });
});

test("a page that is not full is the end", () => {
  assert.equal(withLater(EMPTY_WINDOW, range(1, WINDOW_STEP)).isAtEnd, false);
  assert.equal(withLater(EMPTY_WINDOW, range(1, WINDOW_STEP - 1)).isAtEnd, true);
});

test("what was said while a reply was written stands behind it", () => {
  const entries = [
    entry(1, { turn: "a" }),
    entry(2, { turn: "b" }),
    entry(3, { turn: "a", role: "assistant" }),
    entry(4, { turn: "b", role: "assistant" }),
  ];
  assert.deepEqual(seqs(inReadingOrder(entries)), [1, 3, 2, 4]);
});

test("what an interrupted reply had said stands before the message that interrupted it", () => {
  const entries = [
    entry(1, { turn: "b" }),
    entry(2, { turn: "b" }),
    entry(3, { turn: "a", role: "assistant", follows: 1 }),
    entry(4, { turn: "b", role: "assistant" }),
  ];
  assert.deepEqual(seqs(inReadingOrder(entries)), [1, 3, 2, 4]);
});

const sending = (id: string, text: string): Outgoing => ({ id, text, afterSeq: 2, state: { name: "sending" } });

test("a message is not shown twice while its answer is on the way", () => {
  const same = [entry(3, { text: "hello" })];
  assert.deepEqual(unstoredMessages([sending("a", "hello")], same), []);
  assert.equal(unstoredMessages([sending("a", "hello"), sending("b", "hello")], same).length, 1);
  assert.equal(unstoredMessages([sending("a", "hello")], [entry(2, { text: "hello" })]).length, 1, "said before");
});

test("a message that failed is shown until it is known to be stored", () => {
  const failed: Outgoing = {
    ...sending("a", "hello"),
    state: { name: "failed", problem: "", isPassing: true, isRefusedForNow: false },
  };
  assert.equal(unstoredMessages([failed], [entry(3, { text: "hello" })]).length, 1);
  const stored: Outgoing = { ...failed, state: { name: "stored", session: "ses_1", seq: 3 } };
  assert.deepEqual(unstoredMessages([stored], [entry(3)]), []);
  assert.equal(dropStored([stored], "ses_1", 2).length, 1);
  assert.deepEqual(dropStored([stored], "ses_1", 3), []);
  assert.deepEqual(dropStored([stored], "ses_2", 1), [], "it went to a life that is over");
});
