import assert from "node:assert/strict";
import type { AgentChoice, AgentQuestion } from "../../agent/agent.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { createManualClock } from "../manual-clock.ts";
import { assertNothingMore, DONE, STOP, textOf, toEnd, type AgentContract } from "./agent-scene.ts";

const QUESTION: AgentQuestion = {
  text: "May the door be opened?",
  choices: [
    { id: "open", label: "Open it" },
    { id: "leave", label: "Leave it" },
  ],
};
const LIMIT_MS = 5_000;

/** Rules of an agent that can have the person asked. */
export function askingRules({ states }: AgentContract): void {
  states(
    "ask: the person is asked once, and the choice reaches the far side",
    [{ ask: QUESTION }],
    DONE,
    async (scene) => {
      const questions: AgentQuestion[] = [];
      const ask = (question: AgentQuestion): Promise<AgentChoice> => {
        questions.push(question);
        return Promise.resolve({ outcome: "chosen", id: "leave" });
      };
      assert.equal(textOf(await toEnd(scene.begin({ ports: { ask } }))), "leave");
      assert.equal(questions.length, 1);
      assert.ok(questions[0]?.text.includes(QUESTION.text));
      assert.deepEqual(questions[0]?.choices, QUESTION.choices);
    },
  );

  states(
    "ask: that nobody chose reaches the far side, and the turn goes on",
    [{ ask: QUESTION }],
    DONE,
    async (scene) => {
      assert.equal(textOf(await toEnd(scene.begin())), "nobody");
    },
  );

  const clock = createManualClock(0);
  states(
    "ask: the time until the choice counts towards no time-out",
    [{ ask: QUESTION }],
    DONE,
    async ({ begin }) => {
      const ask = async (): Promise<AgentChoice> => {
        for (let round = 0; round < 10; round += 1) {
          clock.advance(LIMIT_MS);
          await new Promise(setImmediate);
        }
        return { outcome: "chosen", id: "open" };
      };
      assert.equal(textOf(await toEnd(begin({ ports: { ask } }))), "open");
    },
    { clock, idleTimeoutMs: LIMIT_MS, totalTimeoutMs: LIMIT_MS },
  );

  states(
    "ask: an abort ends the question, and nothing more is done",
    [{ ask: QUESTION }, "mark"],
    DONE,
    async ({ begin, subject }) => {
      const controller = new AbortController();
      const asked = Promise.withResolvers<void>();
      const ask = (): Promise<AgentChoice> => {
        asked.resolve();
        return untilAborted(new Promise<AgentChoice>(() => {}), controller.signal);
      };
      const said = toEnd(begin({ signal: controller.signal, ports: { ask } }));
      await Promise.race([asked.promise, said]);
      controller.abort(STOP);
      await assert.rejects(said, STOP);
      await assertNothingMore(subject);
    },
  );
}
