import assert from "node:assert/strict";
import type { AgentAct } from "../agent-subject.ts";
import { assertNothingMore, DONE, nextPart, STOP, textOf, toEnd } from "./agent-scene.ts";
import type { AgentContract, AgentParts, AgentScene } from "./agent-scene.ts";

const MIDDLE: readonly AgentAct[] = [{ say: "one " }, "hold", "mark", { say: "two" }, "mark"];

export function stoppingRules({ states }: AgentContract): void {
  states(
    "abort: before the run, nobody is asked and the reason is thrown",
    ["mark", { say: "one " }],
    DONE,
    async ({ begin, subject }) => {
      await assert.rejects(toEnd(begin({ signal: AbortSignal.abort(STOP) })), STOP);
      assert.deepEqual([subject.asked(), subject.marks()], [0, 0]);
    },
  );

  states(
    "abort: while a part is awaited, nothing more is said or done and the reason is thrown",
    MIDDLE,
    DONE,
    async ({ begin, subject }) => {
      const parts = await stopMidway(begin);
      assert.equal((await parts.next()).done, true);
      await assertNothingMore(subject);
    },
  );

  states(
    "abort: while nobody asks for a part, the far side ends and the reason is thrown",
    MIDDLE,
    DONE,
    async ({ begin, subject }) => {
      const controller = new AbortController();
      const parts = begin({ signal: controller.signal });
      await nextPart(parts);
      controller.abort(STOP);
      await assert.rejects(parts.next(), STOP);
      await assertNothingMore(subject);
    },
  );

  states(
    "abort: one run that is aborted leaves the others alone",
    [{ say: "one " }, "hold", { say: "two" }],
    DONE,
    async ({ begin, subject }) => {
      const controller = new AbortController();
      const [ended, other] = [begin({ signal: controller.signal }), begin()];
      await Promise.all([nextPart(ended), nextPart(other)]);
      controller.abort(STOP);
      await assert.rejects(ended.next(), STOP);
      subject.release();
      assert.equal(textOf(await toEnd(other)).trim(), "two");
    },
  );

  states("leaving: when nobody reads on, the far side ends", MIDDLE, DONE, async ({ begin, subject }) => {
    const parts = begin();
    await nextPart(parts);
    await parts.return(undefined);
    await assertNothingMore(subject);
  });

  states(
    "close: after a turn nothing is left running, and closing twice is closing once",
    [{ say: "one" }],
    DONE,
    async ({ begin, subject }) => {
      await toEnd(begin());
      await subject.agent.close?.();
      await (subject.gone ?? subject.rested)();
      await subject.agent.close?.();
    },
  );

  states(
    "close: of a turn that was stopped nothing happens any more, and nothing is left running",
    MIDDLE,
    DONE,
    async ({ begin, subject }) => {
      await stopMidway(begin);
      await subject.agent.close?.();
      await assertNothingMore(subject);
      await (subject.gone ?? subject.rested)();
    },
  );

  states("close: an agent that was never asked closes", [{ say: "one" }], DONE, async ({ subject }) => {
    await subject.agent.close?.();
    assert.equal(subject.asked(), 0);
  });
}

/** Begins a run, aborts it while its second part is awaited, and gives what is left of it. */
async function stopMidway(begin: AgentScene["begin"]): Promise<AgentParts> {
  const controller = new AbortController();
  const parts = begin({ signal: controller.signal });
  await nextPart(parts);
  const awaited = parts.next();
  controller.abort(STOP);
  await assert.rejects(awaited, STOP);
  return parts;
}
