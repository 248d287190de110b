import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyReply,
  dropSettled,
  settleAll,
  unstoredReplies,
  type LiveReplies,
} from "../../web/src/chat/live-replies.ts";
import type { ReplyEvent } from "../../web/src/live/feed-event.ts";

const ABOUT = { sessionId: "ses_1", turnId: "trn_1" };
const start = (attempt = 1): ReplyEvent => ({ name: "reply:start", ...ABOUT, attempt, seqs: [1] });
const text = (words: string): ReplyEvent => ({ name: "reply:text", ...ABOUT, text: words });
const end = (outcome: string): ReplyEvent => ({ name: "reply:end", ...ABOUT, outcome });
const play = (...events: readonly ReplyEvent[]): LiveReplies => events.reduce(applyReply, [] as LiveReplies);
const waiting = [{ seq: 1, state: "waiting" }] as const;
const answered = [{ seq: 1, state: "answered" }] as const;

test("a reply is the text of its last attempt", () => {
  const [reply, ...others] = play(start(), text("one "), start(2), text("two "), text("three"));
  assert.deepEqual([reply?.text, reply?.attempt, others.length], ["two three", 2, 0]);
});

test("text of a turn whose start was not heard shows nothing", () => {
  assert.deepEqual(play(text("lost")), []);
});

test("a tool is in the state that was told last", () => {
  const tool = (index: number, state: "started" | "finished"): ReplyEvent => ({
    name: "reply:tool",
    ...ABOUT,
    index,
    tool: "look_up",
    state,
  });
  const [reply] = play(start(), tool(1, "started"), tool(0, "started"), tool(1, "finished"));
  assert.deepEqual(
    reply?.tools.map(({ index, state }) => [index, state]),
    [
      [0, "started"],
      [1, "finished"],
    ],
  );
});

test("an ended reply goes with the transcript that was asked for after its end", () => {
  const writing = play(start(), text("all"));
  const ended = applyReply(writing, end("done"));
  assert.equal(dropSettled(ended, writing, answered).length, 1, "that transcript may be older than the reply");
  assert.deepEqual(dropSettled(ended, ended, answered), []);
});

test("a reply that is tried again stays while its message waits", () => {
  const retrying = play(start(), text("half"), end("retrying"));
  assert.equal(dropSettled(retrying, retrying, waiting).length, 1);
  assert.deepEqual(dropSettled(retrying, retrying, answered), []);
});

test("after a lost connection only what is started again goes on", () => {
  const lost = settleAll(play(start(), text("half")));
  assert.deepEqual(dropSettled(lost, lost, waiting), []);
  const heardAgain = applyReply(applyReply(lost, start()), text("half"));
  assert.deepEqual(dropSettled(heardAgain, lost, waiting), heardAgain);
});

test("what the transcript holds is not shown beside it", () => {
  const ended = play(start(), text("all"), end("done"));
  assert.deepEqual(unstoredReplies(ended, [{ role: "assistant", turn: "trn_1" }]), []);
  assert.deepEqual(unstoredReplies(ended, [{ role: "notice", turn: "trn_1" }]), []);
  assert.equal(unstoredReplies(ended, [{ role: "user", turn: "trn_1" }]).length, 1);
});
