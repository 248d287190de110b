import assert from "node:assert/strict";
import { DONE, nextPart, textOf, toEnd, type AgentContract } from "./agent-scene.ts";

const WORDS = Array.from({ length: 100 }, (_, index) => `word${index} `);

export function streamingRules({ states }: AgentContract): void {
  states(
    "streaming: the words come in order and complete, and the stream ends after one finish",
    [{ say: "Good " }, { say: "morning, " }, { say: "Ada." }],
    DONE,
    async ({ begin }) => {
      const parts = begin();
      const said = await toEnd(parts);
      assert.equal(textOf(said), "Good morning, Ada.");
      assert.deepEqual(said.at(-1), { type: "finish", reason: "done" });
      assert.equal(said.filter((part) => part.type === "finish").length, 1);
      assert.equal((await parts.next()).done, true);
    },
  );

  states(
    "streaming: of many pieces none is lost and none comes out of turn",
    WORDS.map((say) => ({ say })),
    DONE,
    async ({ begin }) => assert.equal(textOf(await toEnd(begin())).trimEnd(), WORDS.join("").trimEnd()),
  );

  states(
    "streaming: a piece is handed on before the next one exists",
    [{ say: "one " }, "hold", { say: "two" }],
    DONE,
    async ({ begin, subject }) => {
      const parts = begin();
      assert.equal(textOf([await nextPart(parts)]).trim(), "one");
      subject.release();
      assert.equal(textOf(await toEnd(parts)).trim(), "two");
    },
  );

  states(
    "streaming: runs at the same time do not mix, and each is asked once",
    [{ say: "one " }, "hold", { say: "two" }],
    DONE,
    async ({ begin, subject }) => {
      const runs = [begin(), begin(), begin()];
      const first = await Promise.all(runs.map(nextPart));
      subject.release();
      const rest = await Promise.all(runs.map(toEnd));
      assert.deepEqual(
        rest.map((said, run) => textOf([...first.slice(run, run + 1), ...said])),
        ["one two", "one two", "one two"],
      );
      assert.equal(subject.asked(), 3);
    },
  );
}
