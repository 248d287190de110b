/**
 * What an agent may do in one attempt besides saying something: ask, summarize, note. Everything is fenced by the
 * lease of the attempt.
 *
 *     ask: queued ──the one before is settled──▶ asked ──▶ chosen, or nobody chose in time
 *        └──the run is stopped──▶ (rejected)
 *     after the attempt: void
 *
 * Invariants: one question at a time, so that a number answers one; a question that stands in the store when the
 * attempt ends is withdrawn by that end; who waits is woken by an answer on this node, and looks once a second for
 * one that came in by another process.
 */
import type { AgentChoice, AgentPorts, AgentQuestion } from "../agent/agent.ts";
import { type Question, checkQuestion, questionText } from "../core/question.ts";
import type { Lease } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import { randomId } from "../lib/id.ts";
import { sleep } from "../lib/sleep.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { LivePart } from "./live.ts";

/** How long a question waits for its answer, in milliseconds. */
export const QUESTION_WAIT_MS: number = 10 * 60_000;

/** An answer that came in by another process is noticed this late at most. */
const POLL_MS = 1_000;

export interface AgentPortsDeps {
  readonly store: Pick<Store, "askQuestion" | "expireQuestion" | "addSummary" | "setAgentNote"> & {
    readonly reader: Pick<StoreReader, "question">;
  };
  readonly telemetry: Pick<Telemetry, "questionAsked" | "questionEnded">;
  readonly lease: Lease;
  /** The name of the agent, which its note is kept under. */
  readonly agent: string;
  readonly clock: Clock;
  /** What is sent of a text to where the messages came from. */
  readonly pieces: (text: string) => readonly string[];
  /** Aborted when the agent must stop. */
  readonly signal: AbortSignal;
  /** Asks the store until it answers; rejects with the signal's reason when that is aborted. */
  readonly insist: <T>(run: () => Promise<T>) => Promise<T>;
  readonly publish: (part: LivePart) => void;
  /** A question waits to be delivered. */
  readonly onAsked: () => void;
  /** The store no longer grants the lease: the run has to be stopped, which aborts the signal. */
  readonly onLost: () => void;
}

/** The ports of a running attempt. */
export interface RunningPorts extends AgentPorts, Disposable {
  /** Whether the agent waits for a person. */
  readonly isAsking: boolean;
  /** A question of the turn may have been answered. */
  answered(): void;
}

export function createAgentPorts(deps: AgentPortsDeps): RunningPorts {
  const { store, telemetry, lease, agent, clock, signal, insist, publish } = deps;
  const over = new AbortController();
  let woken = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let isAsking = false;

  /** Does what the lease allows; nothing once the attempt is over. */
  const keep = async (write: () => Promise<"added" | "set" | "lost">): Promise<void> => {
    if (over.signal.aborted) return;
    signal.throwIfAborted();
    if ((await insist(write)) === "lost" && !over.signal.aborted) lost();
  };

  const lost = (): never => {
    deps.onLost();
    signal.throwIfAborted();
    throw new Error("a run that has lost its lease was not stopped");
  };

  const settled = async (id: string): Promise<Question | null> => {
    const endsAt = clock.monotonic() + QUESTION_WAIT_MS;
    for (;;) {
      woken = new AbortController();
      const leftMs = endsAt - clock.monotonic();
      const question = await insist(() => (leftMs > 0 ? store.reader.question(id) : store.expireQuestion(id)));
      if (question?.state !== "open") return question;
      await sleep(clock, Math.min(leftMs, POLL_MS), AbortSignal.any([signal, over.signal, woken.signal]));
      if (over.signal.aborted) return null;
    }
  };

  const ask = async (asked: AgentQuestion): Promise<AgentChoice> => {
    if (over.signal.aborted) return UNANSWERED;
    signal.throwIfAborted();
    const { text, choices } = checkQuestion(asked);
    const pieces = deps.pieces(questionText({ text, choices }));
    const row = { id: randomId("qst"), text, choices, pieces, expiresAt: clock.now() + QUESTION_WAIT_MS };
    const outcome = await insist(() => store.askQuestion(lease, row));
    if (outcome.outcome === "lost") return over.signal.aborted ? UNANSWERED : lost();
    const { id, expiresAt } = outcome.question;
    publish({ type: "question", turnId: lease.turnId, question: { id, text, choices, expiresAt } });
    isAsking = true;
    const facts = { turnId: lease.turnId, sessionId: lease.sessionId, questionId: id };
    let ended: "answered" | "expired" | "withdrawn" = "withdrawn";
    telemetry.questionAsked({ ...facts, choices: choices.length });
    deps.onAsked();
    try {
      const question = await settled(id);
      if (question !== null && question.state !== "open") ended = question.state;
      if (over.signal.aborted) return UNANSWERED;
      const choice = question?.choice ?? null;
      publish({ type: "answer", turnId: lease.turnId, questionId: id, choice });
      return choice === null ? UNANSWERED : { outcome: "chosen", id: choice };
    } finally {
      isAsking = false;
      telemetry.questionEnded({ ...facts, outcome: ended });
    }
  };

  return {
    get isAsking() {
      return isAsking;
    },
    ask: (asked) => {
      const answer = last.then(() => ask(asked));
      last = answer.catch(() => {});
      return answer;
    },
    summarize: (summary) => handled(keep(() => store.addSummary(lease, summary))),
    note: (text) => handled(keep(() => store.setAgentNote(lease, { agent, text }))),
    answered: () => woken.abort(),
    [Symbol.dispose]: () => over.abort(),
  };
}

const UNANSWERED: AgentChoice = { outcome: "unanswered" };

/** An agent that was stopped may have let go of the promise; nobody else is to be hurt by what becomes of it. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
