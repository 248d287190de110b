/**
 * The plainest model of what the machine has to do: which messages were said, which of them somebody took
 * back, and what each run of the agent has said. Whatever happens in whatever order is held against this:
 *
 * - I21, I22 at any time one run of a session may have effects, and every attempt is given the same. One that
 *   was taken back on another node may have them until it next renews its lease: only the store knows then;
 * - I23 what is stored of a turn is what one of its runs has said, whole and once;
 * - I13 turns answer messages in their order, but for those that were asked for again by hand;
 * - I14, I26 cancelled is what was unanswered when somebody said so, and nothing else;
 * - I24 in the end nothing waits and nothing runs.
 */
import assert from "node:assert/strict";
import type { AgentTurn } from "../../../src/agent/agent.ts";
import { type BusyPolicy, waitingDueAt } from "../../../src/core/busy-policy.ts";
import { policyFor } from "../../../src/core/platform-rules.ts";
import type { Entry } from "../../../src/core/transcript.ts";
import type { Lease, Turn } from "../../../src/core/turn.ts";
import type { StoreReader } from "../../../src/store/reader.ts";
import type { ControlledRun } from "./controlled-agent.ts";
import { BUSY, MAX_AGE_MS, MAX_ATTEMPTS } from "./scene.ts";
import { assertOrder, assertTurn } from "./stored-rules.ts";

export class Referee {
  readonly #said: { readonly sessionId: string; readonly seq: number }[] = [];
  /** What was taken back, as `session seq`. */
  readonly #cancelled = new Set<string>();
  /** The fence of the newest claim, by turn. */
  readonly #fences = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  /** Every run of the agent that has begun, by turn. */
  readonly #runs = new Map<string, ControlledRun[]>();
  /** The first thing that went against a rule. */
  #violation: Error | undefined;

  /** Every session that somebody has spoken in. */
  get sessions(): ReadonlySet<string> {
    return new Set(this.#said.map(({ sessionId }) => sessionId));
  }

  said(sessionId: string, seq: number): void {
    this.#said.push({ sessionId, seq });
  }

  /** Somebody took back what was unanswered in this session, which was so many messages, as the store says. */
  takenBack(entries: readonly Entry[], messages: number): void {
    const unanswered = entries.filter(({ state }) => state === "waiting" || state === "running");
    assert.deepEqual(unanswered, [], "nothing is unanswered that was taken back");
    const news = entries.filter(
      ({ state, sessionId, seq }) => state === "cancelled" && !this.#cancelled.has(`${sessionId} ${seq}`),
    );
    assert.equal(news.length, messages, "what was taken back is counted");
    for (const { sessionId, seq } of news) this.#cancelled.add(`${sessionId} ${seq}`);
  }

  claimed({ lease, attempt, byHand, messages, session: { source } }: Turn, now: number): void {
    this.#fences.set(lease.turnId, lease.fence);
    const before = this.#attempts.get(lease.turnId);
    // One that was handed back by a node that is drained counts no attempt.
    if (before !== undefined) assert.ok(attempt === before || attempt === before + 1, "every try is counted once");
    this.#attempts.set(lease.turnId, attempt);
    const policy = policyFor(BUSY, source);
    if (policy.mode === "queue" && !byHand)
      assert.equal(messages.length, 1, "a message of a queue is a turn of its own");
    if (attempt > 1 || byHand) return;
    const ages = new Set(messages.map(({ sentAt }) => now - sentAt > MAX_AGE_MS));
    assert.equal(ages.size, 1, "what is too old shares no turn with what is not");
    assert.ok(now >= dueAt(policy, messages), "a debounce is waited for");
  }

  /** `lost` alone is an answer to who held a lease before. */
  ended({ turnId, fence }: Lease, answer: unknown): void {
    const outcome = typeof answer === "string" ? answer : (answer as { readonly outcome: string }).outcome;
    if (outcome !== "lost") assert.equal(fence, this.#fences.get(turnId), "only the newest holder ends a turn");
  }

  started(run: ControlledRun): void {
    const { turn } = run;
    const runs = this.#runs.get(turn.turnId) ?? [];
    this.#runs.set(turn.turnId, [...runs, run]);
    const [before] = runs;
    const seqsOf = (given: AgentTurn): readonly (number | null)[] =>
      given.messages.filter(({ role }) => role === "user").map(({ seq }) => seq);
    if (before !== undefined)
      assert.deepEqual(seqsOf(turn), seqsOf(before.turn), "attempts reuse exactly the same messages");
    const seqs = seqsOf(turn);
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => Number(a) - Number(b)),
      "messages are given in their order",
    );
  }

  /** Looked at when everything rests: between the claim of one run and the end of the other there is no time. */
  assertOneRunEach(active: readonly ControlledRun[]): void {
    const sessions = new Set<string>();
    for (const run of active) {
      if (this.isTakenBack(run)) continue;
      assert.ok(
        !sessions.has(run.turn.sessionId),
        `only one run of a session at a time; ${describe(run)} is another one`,
      );
      sessions.add(run.turn.sessionId);
    }
  }

  isTakenBack({ turn: { sessionId, messages } }: ControlledRun): boolean {
    return messages.some(({ seq }) => this.#cancelled.has(`${sessionId} ${seq}`));
  }

  async assertSession(reader: StoreReader, sessionId: string): Promise<void> {
    const entries = (await reader.transcript(sessionId, { limit: 200 })).items;
    const turns = (await reader.turns({ sessionId, limit: 200 })).items;
    const messages = entries.filter(({ role }) => role === "user");
    const said = this.#said.filter((one) => one.sessionId === sessionId);
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      said.map(({ seq }) => seq),
      "everything that was said is there, in order",
    );
    for (const { seq, state } of messages) {
      const isTakenBack = this.#cancelled.has(`${sessionId} ${seq}`);
      assert.ok(
        isTakenBack ? state === "cancelled" : state === "answered" || state === "dead",
        `message ${seq} ended as ${state}`,
      );
    }
    for (const turn of turns) {
      assertTurn(turn, entries, this.#runs.get(turn.id) ?? [], { maxAgeMs: MAX_AGE_MS, maxAttempts: MAX_ATTEMPTS });
    }
    assertOrder(turns, entries);
  }

  /** What is found in the middle of a call is told when everything has come to rest. */
  check(rule: () => void): void {
    try {
      rule();
    } catch (error) {
      this.#violation ??= error as Error;
    }
  }

  throwViolation(): void {
    const violation = this.#violation;
    this.#violation = undefined;
    if (violation !== undefined) throw violation;
  }
}

/** When the debounce of these messages was over: what joins them later puts nothing off. */
function dueAt(policy: BusyPolicy, messages: readonly Entry[]): number {
  const oldestAt = messages[0]?.createdAt ?? 0;
  let due = Infinity;
  for (const { createdAt } of messages) {
    if (due > createdAt) due = waitingDueAt(policy, { oldestAt, newestAt: createdAt }, createdAt);
  }
  return due;
}

function describe({ turn }: Pick<ControlledRun, "turn">): string {
  return `attempt ${turn.attempt} of ${turn.turnId}`;
}
