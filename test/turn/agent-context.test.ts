import assert from "node:assert/strict";
import { test } from "node:test";
import type { Turn } from "../../src/core/turn.ts";
import { loadContext } from "../../src/turn/agent-context.ts";
import { setUpTurns, type TurnSetup } from "./turn-setup.ts";

const CLAIM = { node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 };
const DEAD = { reason: "r", retryAt: null, notice: "Sorry.", pieces: [] };

async function claim({ store }: TurnSetup): Promise<Turn> {
  return (await store.claimTurn(CLAIM)) ?? assert.fail("a turn is due");
}

async function answer(rig: TurnSetup, { lease }: Turn, text: string): Promise<void> {
  await rig.store.commitTurn(lease, { entries: [{ role: "assistant", text, pieces: [] }] });
}

async function exchange(rig: TurnSetup, question: string): Promise<void> {
  await rig.say(question);
  await answer(rig, await claim(rig), `answer to ${question}`);
}

async function dead(rig: TurnSetup, question: string): Promise<string> {
  await rig.say(question);
  const { lease } = await claim(rig);
  await rig.store.failTurn(lease, DEAD);
  return lease.turnId;
}

async function shown(rig: TurnSetup, turn: Turn, limit = 50): Promise<[string | null, ...string[]]> {
  const { summary, transcript } = await loadContext(rig.store.reader, turn, { name: "fake" }, limit);
  return [summary, ...transcript.map(({ text }) => text)];
}

test("what came after a turn is shown when that is retried by hand, also of the first one", async () => {
  await using rig = await setUpTurns();
  const turnId = await dead(rig, "q1");
  await exchange(rig, "q2");
  await rig.store.retryTurn(turnId);
  assert.deepEqual(await shown(rig, await claim(rig)), [null, "q2", "answer to q2"]);
});

test("what was dead when a summary was made, and answered later, stands before its answer", async () => {
  await using rig = await setUpTurns();
  const turnId = await dead(rig, "forgotten");
  await exchange(rig, "q2");
  await rig.say("q3");
  const third = await claim(rig);
  await rig.store.addSummary(third.lease, { text: "They spoke.", throughSeq: (third.messages[0]?.seq ?? 0) - 1 });
  await answer(rig, third, "answer to q3");
  await rig.store.retryTurn(turnId);
  await answer(rig, await claim(rig), "late");
  await exchange(rig, "q4");
  await rig.say("now");
  const expected = ["They spoke.", "q3", "answer to q3", "forgotten", "late", "q4", "answer to q4"];
  assert.deepEqual(await shown(rig, await claim(rig)), expected);
});

test("of a turn that was retried by hand the question is shown even where the limit has left it out", async () => {
  await using rig = await setUpTurns();
  const turnId = await dead(rig, "forgotten");
  for (const question of ["q1", "q2", "q3"]) await exchange(rig, question);
  await rig.store.retryTurn(turnId);
  await answer(rig, await claim(rig), "late");
  await rig.say("now");
  assert.deepEqual(await shown(rig, await claim(rig), 3), [null, "q3", "answer to q3", "forgotten", "late"]);
});

test("an answer whose question the limit has left out is not shown between others", async () => {
  await using rig = await setUpTurns();
  for (const question of ["q1", "q2"]) await rig.say(question);
  for (const text of ["a1", "a2"]) await answer(rig, await claim(rig), text);
  await rig.say("now");
  assert.deepEqual(await shown(rig, await claim(rig), 3), [null, "q2", "a2"]);
});

test("what the limit leaves out between a summary and the rest is said behind the summary", async () => {
  await using rig = await setUpTurns();
  await exchange(rig, "q1");
  await rig.say("q2");
  const second = await claim(rig);
  await rig.store.addSummary(second.lease, { text: "They spoke.", throughSeq: 2 });
  await answer(rig, second, "answer to q2");
  await exchange(rig, "q3");
  await rig.say("now");
  const turn = await claim(rig);
  const [whole] = await shown(rig, turn);
  assert.equal(whole, "They spoke.");
  const [summary, ...rest] = await shown(rig, turn, 2);
  assert.equal(summary, "They spoke.\n(Some of what was said after that is not part of this record.)");
  assert.deepEqual(rest, ["q3", "answer to q3"]);
});
