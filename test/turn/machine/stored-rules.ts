import assert from "node:assert/strict";
import type { Entry } from "../../../src/core/transcript.ts";
import type { TurnSummary } from "../../../src/store/repair-store.ts";
import type { ControlledRun } from "./controlled-agent.ts";

/** What is stored of a turn is what one of its runs has said, whole and once; given up is what had to be. */
export function assertTurn(
  { id, state, attempt, retryOf, retriedBy, startedAt, endedAt }: TurnSummary,
  entries: readonly Entry[],
  runs: readonly Pick<ControlledRun, "text" | "error">[],
  limits: { readonly maxAgeMs: number; readonly maxAttempts: number },
): void {
  const answers = entries.filter(({ role, turnId }) => role === "assistant" && turnId === id).map(({ text }) => text);
  const texts = new Set(runs.map(({ text }) => text));
  if (state === "done") {
    assert.equal(answers.length, 1, "a turn that is done has said one thing");
    assert.ok(texts.has(answers[0] ?? ""), "what is stored is what one run has said, whole");
    return;
  }
  // What an interrupted turn has said so far is a beginning of what its run has said.
  if (state === "interrupted") {
    assert.ok(answers.length <= 1 && answers.every((text) => runs.some((run) => run.text.startsWith(text))));
    return;
  }
  assert.deepEqual(answers, [], `a turn that is ${state} has said nothing`);
  if (state !== "dead" || retriedBy !== null) return;
  const sentAt = entries.filter(({ turnId, role }) => turnId === id && role === "user").map((entry) => entry.sentAt);
  const since = retryOf === null ? Math.max(...sentAt) : startedAt;
  const isTooOld = (endedAt ?? 0) - since > limits.maxAgeMs;
  const isRefused = runs.some(({ error }) => error?.retryable === false);
  assert.ok(isTooOld || isRefused || attempt >= limits.maxAttempts, "a turn is given up for a reason");
}

/** Turns that were not asked for by hand are answered in the order of their messages. */
export function assertOrder(turns: readonly TurnSummary[], entries: readonly Entry[]): void {
  const byHand = new Set(turns.filter(({ retryOf }) => retryOf !== null).map(({ id }) => id));
  let newest = 0;
  for (const { role, turnId } of entries) {
    if (role !== "assistant" || turnId === null || byHand.has(turnId)) continue;
    const seqs = entries.filter((entry) => entry.role === "user" && entry.turnId === turnId).map(({ seq }) => seq);
    // The messages of an interrupted turn belong to the one that has answered them.
    if (seqs.length === 0) continue;
    assert.ok(Math.min(...seqs) > newest, "messages are answered in their order");
    newest = Math.max(...seqs);
  }
}
