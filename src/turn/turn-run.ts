/**
 * One attempt of one turn, from its claim to what is stored of it.
 *
 *     running ──answered──▶ committing ──▶ done
 *        ├──fault, or refused──▶ failing ──▶ retrying, dead
 *        ├──drained──▶ handing back ──▶ retrying
 *        ├──cancelled──▶ cancelled            (the store knows already)
 *        └──lease lost or expired──▶ lost     (nothing is written)
 *
 * Invariants: nothing is written after the lease has ended; a store that cannot be written is tried again
 * while the lease lasts; `ended` never rejects and does not wait for an agent that does not stop.
 */
import { AgentError, type Agent, type AgentPart } from "../agent/agent.ts";
import { NO_PORTS } from "../agent/no-ports.ts";
import { ParlorError } from "../core/errors.ts";
import type { Source } from "../core/source.ts";
import type { Turn } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { ResultEntry, Store, TurnFailure } from "../store/store.ts";
import type { Telemetry, TurnFacts } from "../telemetry/telemetry.ts";
import { runAgent, type Answer } from "./answer.ts";
import { holdLease } from "./lease-hold.ts";
import type { Live, LiveOutcome, LivePart } from "./live.ts";
import { Stopped, whyStopped } from "./stopped.ts";
import { loadTranscript, toAgentEntry } from "./transcript.ts";
import { judge, refuse, resetNotice, type RetryPolicy } from "./verdict.ts";

export interface TurnRunDeps {
  readonly store: Pick<Store, "renewLease" | "commitTurn" | "failTurn" | "reader">;
  readonly agent: Agent;
  readonly live: Live;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** What is sent of a text to this source, in order; nothing where it is read from the transcript. */
  readonly pieces: (source: Source, text: string) => readonly string[];
  readonly options: RetryPolicy & {
    /** How long a claim holds without being renewed, in milliseconds. */
    readonly leaseMs: number;
    /** How many entries of the transcript an agent is shown. */
    readonly transcriptLimit: number;
  };
}

interface Ending {
  readonly outcome: LiveOutcome;
  readonly reason?: string;
}

const STORE_BACKOFF = { firstMs: 50, maxMs: 1_000 };

export class TurnRun {
  readonly turn: Turn;
  /** Resolves when nothing more is written for this attempt. */
  readonly ended: Promise<LiveOutcome>;
  readonly #deps: TurnRunDeps;
  readonly #facts: TurnFacts;
  readonly #startedAt: number;
  /** Aborted when the agent must stop. */
  readonly #agentStop = new AbortController();
  /** Aborted when nothing may be written any more. */
  readonly #writeStop = new AbortController();
  #isSuperseded = false;

  /** Begins the attempt. `claimedAt` is `clock.monotonic()` from before the claim was asked for. */
  constructor(turn: Turn, claimedAt: number, deps: TurnRunDeps) {
    const { lease, session, attempt } = turn;
    this.turn = turn;
    this.#deps = deps;
    this.#facts = { turnId: lease.turnId, sessionId: session.id, platform: session.source.platform, attempt };
    this.#startedAt = deps.clock.monotonic();
    this.ended = this.#run(claimedAt);
  }

  /** Stops the agent. `drained` hands the turn back, to be taken up at once and without telling anybody. */
  stop(why: Stopped["why"]): void {
    if (why === "lost" || why === "expired") this.#writeStop.abort(new Stopped(why));
    this.#agentStop.abort(new Stopped(why));
  }

  /** Another attempt of the turn begins on this node: this one stops, and no listener hears more of it. */
  supersede(): void {
    this.#isSuperseded = true;
    this.stop("lost");
  }

  async #run(claimedAt: number): Promise<LiveOutcome> {
    const { store, telemetry, clock, options } = this.#deps;
    const { lease, messages, attempt } = this.turn;
    const { turnId } = this.#facts;
    const oldest = Math.min(...messages.map((message) => message.createdAt));
    telemetry.turnStarted({ ...this.#facts, waitedMs: clock.now() - oldest, messages: messages.length });
    this.#publish({ type: "start", turnId, attempt, seqs: messages.map((message) => message.seq) });
    using _hold = holdLease({
      store,
      lease,
      leaseMs: options.leaseMs,
      since: claimedAt,
      clock,
      onEnded: (why) => this.stop(why),
      onFault: this.#faulted,
    });
    const ending = await this.#attempt();
    telemetry.turnEnded({ ...this.#facts, ...ending, ranMs: clock.monotonic() - this.#startedAt });
    this.#publish({ type: "end", turnId, outcome: ending.outcome });
    return ending.outcome;
  }

  async #attempt(): Promise<Ending> {
    try {
      const { clock, options } = this.#deps;
      const refusal = refuse(this.turn, options, clock.now());
      return refusal === null ? await this.#answerOrFail() : await this.#fail(refusal);
    } catch (error) {
      if (!(error instanceof Stopped)) this.#faulted(error);
      return this.#lost();
    }
  }

  async #answerOrFail(): Promise<Ending> {
    const { clock, options } = this.#deps;
    try {
      return await this.#commit(await this.#answer());
    } catch (error) {
      const why = whyStopped(this.#agentStop.signal);
      if (why === "drained") {
        const reason = "The gateway was shutting down.";
        return await this.#fail({ reason, retryAt: clock.now(), notice: "", counts: false });
      }
      if (why !== null) throw error;
      if (!(error instanceof AgentError)) this.#faulted(error);
      return await this.#fail(judge(this.turn, error, options, clock.now()));
    }
  }

  async #answer(): Promise<Answer> {
    const { store, agent, options } = this.#deps;
    const { session, attempt, first, messages } = this.turn;
    const { turnId, sessionId } = this.#facts;
    const { signal } = this.#agentStop;
    const transcript = await this.#insist(signal, () =>
      loadTranscript(store.reader, this.turn, options.transcriptLimit),
    );
    const reset = first ? session.reset : null;
    const agentTurn = {
      turnId,
      attempt,
      sessionId,
      source: session.source,
      reset,
      instructions: null,
      summary: null,
      note: null,
      transcript,
    };
    return await runAgent(
      agent,
      { ...agentTurn, messages: messages.map(toAgentEntry) },
      NO_PORTS,
      signal,
      this.#hear(),
    );
  }

  /** Passes on to those who listen what the agent does. */
  #hear(): (part: AgentPart) => void {
    const { telemetry, clock } = this.#deps;
    const { turnId } = this.#facts;
    let hasSpoken = false;
    return (part) => {
      if (part.type === "text" && !hasSpoken) {
        hasSpoken = true;
        telemetry.firstToken({ ...this.#facts, afterMs: clock.monotonic() - this.#startedAt });
      }
      if (part.type === "text" || part.type === "tool") this.#publish({ ...part, turnId });
    };
  }

  #publish(part: LivePart): void {
    if (!this.#isSuperseded) this.#deps.live.publish(this.#facts.sessionId, part);
  }

  async #commit({ text, usage }: Answer): Promise<Ending> {
    const { store, pieces } = this.#deps;
    const notice = resetNotice(this.turn);
    const entryOf = (role: ResultEntry["role"], said: string): ResultEntry => ({
      role,
      text: said,
      pieces: pieces(this.turn.session.source, said),
    });
    const result = {
      entries: [...(notice === null ? [] : [entryOf("notice", notice)]), entryOf("assistant", text)],
      ...(usage === undefined ? {} : { usage }),
    };
    const { outcome } = await this.#insist(this.#writeStop.signal, () => store.commitTurn(this.turn.lease, result));
    return outcome === "committed" ? { outcome: "done" } : this.#lost();
  }

  async #fail(verdict: Omit<TurnFailure, "deliver">): Promise<Ending> {
    const { store, pieces } = this.#deps;
    const failure = { ...verdict, deliver: pieces(this.turn.session.source, verdict.notice).length > 0 };
    const outcome = await this.#insist(this.#writeStop.signal, () => store.failTurn(this.turn.lease, failure));
    return outcome === "lost" ? this.#lost() : { outcome, reason: verdict.reason };
  }

  /** A store refuses the result of a turn it has cancelled; only here it is known why. */
  #lost(): Ending {
    if (whyStopped(this.#agentStop.signal) === "cancelled") return { outcome: "cancelled" };
    return whyStopped(this.#writeStop.signal) === "expired"
      ? { outcome: "lost", reason: "The lease was left to run out: the store could not be written in time." }
      : { outcome: "lost", reason: "The store no longer grants the lease." };
  }

  /** Asks the store until it answers or the signal is aborted. What it says about itself passes; all else would fail again. */
  #insist<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const isRetryable = (error: unknown): boolean => error instanceof ParlorError && error.retryable;
    const { clock } = this.#deps;
    return untilAborted(
      retry(run, { clock, backoff: STORE_BACKOFF, isRetryable, onFault: this.#faulted, signal }),
      signal,
    );
  }

  readonly #faulted = (error: unknown): void => this.#deps.telemetry.faulted({ where: "turn", error });
}
