import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "./eventually.ts";
import { setUpTurns } from "./turn-setup.ts";

describe("what an agent keeps", () => {
  it("I33 is shown to it in the next turn, and a summary stands for what was said before", async () => {
    await using rig = await setUpTurns();
    rig.agent.next(
      ["one"],
      [{ run: (ports) => ports.note("knows them") }, "two"],
      [{ run: (ports) => ports.summarize({ text: "they said 1 and 2", throughSeq: 2 }) }, "three"],
    );
    rig.runner.start();
    for (const [index, text] of ["1", "2", "3", "4"].entries()) {
      await rig.say(text);
      await eventually(() => rig.outcomes().length === index + 1);
    }
    const shown = rig.agent.runs.map(({ turn }) => [turn.note, turn.summary, turn.transcript.map(({ text }) => text)]);
    assert.deepEqual(shown, [
      [null, null, []],
      [null, null, ["1", "one"]],
      ["knows them", null, ["1", "one", "2", "two"]],
      ["knows them", "they said 1 and 2", ["2", "two", "3", "three"]],
    ]);
  });

  it("I33 is shown as far back as the agent wants it", async () => {
    await using rig = await setUpTurns({ transcriptLimit: 2 });
    rig.runner.start();
    for (const [index, text] of ["1", "2", "3"].entries()) {
      await rig.say(text);
      await eventually(() => rig.outcomes().length === index + 1);
    }
    assert.deepEqual(
      rig.agent.runs.at(-1)?.turn.transcript.map(({ text }) => text),
      ["2", "ok"],
    );
  });
});
