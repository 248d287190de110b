import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageOf } from "../../src/testing/sources.ts";
import { loadTranscript } from "../../src/turn/transcript.ts";
import { setUpTurns, type TurnSetup } from "./turn-setup.ts";

const claimed = { node: "node-1", leaseMs: 30_000, maxMessages: 1, maxAgeMs: 0 };

async function claim(rig: TurnSetup) {
  const turn = await rig.store.claimTurn(claimed);
  assert.ok(turn !== null);
  return turn;
}

async function exchange(rig: TurnSetup, question: string, answer: string): Promise<void> {
  await rig.say(question);
  const { lease } = await claim(rig);
  await rig.store.commitTurn(lease, {
    entries: [
      { role: "notice", text: "not for the agent", pieces: [] },
      { role: "assistant", text: answer, pieces: [] },
    ],
  });
}

async function shown(rig: TurnSetup, limit: number): Promise<string[]> {
  return (await loadTranscript(rig.store.reader, await claim(rig), limit)).entries.map(({ text }) => text);
}

describe("loadTranscript", () => {
  it("shows what was said and answered before, oldest first", async () => {
    await using rig = await setUpTurns();
    await exchange(rig, "q1", "a1");
    await exchange(rig, "q2", "a2");
    await rig.say("now");
    assert.deepEqual(await shown(rig, 50), ["q1", "a1", "q2", "a2"]);
  });

  it("shows each answer behind its question, also when the next question came before it", async () => {
    await using rig = await setUpTurns();
    for (const question of ["q1", "q2", "now"]) await rig.say(question);
    for (const answer of ["a1", "a2"]) {
      const { lease } = await claim(rig);
      await rig.store.commitTurn(lease, { entries: [{ role: "assistant", text: answer, pieces: [] }] });
    }
    assert.deepEqual(await shown(rig, 50), ["q1", "a1", "q2", "a2"]);
  });

  it("lets others have their turn while it looks through a long conversation", async () => {
    await using rig = await setUpTurns();
    for (let number = 0; number < 30; number += 1) {
      const { session } = await rig.say(`taken back ${number}`);
      await rig.store.cancelTurn({ sessionId: session.id });
    }
    await rig.say("now");
    const turn = await claim(rig);
    let [pages, turns] = [0, 0];
    const reader = {
      turn: rig.store.reader.turn,
      transcript: (...query: Parameters<typeof rig.store.reader.transcript>) => {
        pages += 1;
        setImmediate(() => (turns += 1));
        return rig.store.reader.transcript(...query);
      },
    };
    assert.deepEqual((await loadTranscript(reader, turn, 1)).entries, []);
    assert.ok(pages > 10);
    assert.ok(turns >= pages - 1, `${turns} turns of the event loop for ${pages} pages`);
  });

  it("shows the newest of a long conversation, and no answer without its question", async () => {
    await using rig = await setUpTurns();
    for (let number = 0; number < 150; number += 1) await exchange(rig, `q${number}`, `a${number}`);
    await rig.say("now");
    const turn = await claim(rig);
    const load = async (limit: number): Promise<string[]> =>
      (await loadTranscript(rig.store.reader, turn, limit)).entries.map(({ text }) => text);
    assert.deepEqual(await load(3), ["q149", "a149"]);
    assert.deepEqual(await load(4), ["q148", "a148", "q149", "a149"]);
    assert.deepEqual(await load(1), []);
    assert.deepEqual(await load(0), []);
    assert.equal((await load(250)).length, 250, "more than one page of the store");
    assert.equal((await load(300))[0], "q0");
    assert.equal((await load(1_000)).length, 300);
  });

  it("shows neither what waits, nor what was cancelled or has died", async () => {
    await using rig = await setUpTurns();
    await exchange(rig, "q1", "a1");
    const { session } = await rig.say("cancelled");
    await rig.store.cancelTurn({ sessionId: session.id });
    await rig.say("dead");
    const { lease } = await claim(rig);
    await rig.store.failTurn(lease, { reason: "r", retryAt: null, notice: "Sorry.", pieces: [] });
    await rig.say("now");
    await rig.say("later");
    assert.deepEqual(await shown(rig, 50), ["q1", "a1"]);
  });

  it("shows what was overheard before the messages of the turn", async () => {
    await using rig = await setUpTurns();
    await exchange(rig, "q1", "a1");
    await rig.store.overhear(messageOf("near"));
    await rig.say("now");
    await rig.store.overhear(messageOf("after"));
    assert.deepEqual(await shown(rig, 50), ["q1", "a1", "near"]);
  });
});
