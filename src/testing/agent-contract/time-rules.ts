import assert from "node:assert/strict";
import { createManualClock, type ManualClock } from "../manual-clock.ts";
import type { AgentAct } from "../agent-subject.ts";
import { assertNothingMore, DONE, faultOf, nextPart, type AgentContract, type AgentScene } from "./agent-scene.ts";

const LIMIT_MS = 5_000;
const NEVER_MS = 1_000_000_000;
const ACTS: readonly AgentAct[] = [{ say: "one " }, "hold", "mark", { say: "two" }];

export function idleTimeRules({ states }: AgentContract): void {
  const clock = createManualClock(0);
  states(
    "idleTimeout: silence ends the attempt and the far side, and is worth another one",
    ACTS,
    DONE,
    (scene) => endsInTime(scene, clock),
    { clock, idleTimeoutMs: LIMIT_MS, totalTimeoutMs: NEVER_MS },
  );
}

export function totalTimeRules({ states }: AgentContract): void {
  const clock = createManualClock(0);
  states(
    "totalTimeout: an answer that takes too long in all ends, and its far side, and is worth another attempt",
    ACTS,
    DONE,
    (scene) => endsInTime(scene, clock),
    { clock, idleTimeoutMs: NEVER_MS, totalTimeoutMs: LIMIT_MS },
  );
}

async function endsInTime({ begin, subject }: AgentScene, clock: ManualClock): Promise<void> {
  const parts = begin();
  await nextPart(parts);
  clock.advance(2 * LIMIT_MS);
  const fault = faultOf(parts);
  await advanceUntilOver(clock, fault);
  const { fault: kind, retryable } = await fault;
  assert.deepEqual([kind, retryable], ["unavailable", true]);
  await assertNothingMore(subject);
}

/** An agent may give its far side some time to end by itself, and a process takes time of another clock to end. */
const MOST_ROUNDS = 1_000_000;

async function advanceUntilOver(clock: ManualClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  work.then(over, over);
  for (let round = 0; !isOver && round < MOST_ROUNDS; round += 1) {
    clock.advance(LIMIT_MS);
    await new Promise(setImmediate);
  }
  assert.ok(isOver, "an attempt must end when its time is over");
}
