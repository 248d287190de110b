/**
 * One attempt of one turn, from its claim to what is stored of it.
 *
 *     running ──answered──▶ committing ──▶ done
 *        ├──fault, or refused──▶ failing ──▶ retrying, dead
 *        ├──drained──▶ handing back ──▶ retrying
 *        ├──a newer message──▶ interrupting ──▶ interrupted
 *        ├──cancelled──▶ cancelled            (the store knows already)
 *        └──lease lost or expired──▶ lost     (nothing is written)
 *
 * Invariants: nothing is written after the lease has ended; `ended` never rejects and does not wait for an
 * agent that does not stop. Only the store says that a newer message interrupts a turn, and only while its
 * agent runs: an answer that is whole is stored.
 */
import { AgentError, type Agent, type AgentPart } from "../agent/agent.ts";
import type { Source } from "../core/source.ts";
import type { Turn } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry, TurnFacts } from "../telemetry/telemetry.ts";
import { loadContext } from "./agent-context.ts";
import { type AgentPortsDeps, type RunningPorts, createAgentPorts } from "./agent-ports.ts";
import { runAgent, type Answer } from "./answer.ts";
import { insist } from "./insist.ts";
import { holdLease, type LeaseHold } from "./lease-hold.ts";
import type { Live, LiveOutcome, LivePart } from "./live.ts";
import { Stopped, whyStopped } from "./stopped.ts";
import { type StreamTurnDeps, streamTurn } from "./stream-turn.ts";
import type { StreamedReply } from "./streamed-reply.ts";
import { toAnswer } from "./transcript.ts";
import { TurnWriter, type TurnWriterDeps } from "./turn-writer.ts";
import { judge, refuse, type RetryPolicy, type Verdict } from "./verdict.ts";

export interface TurnRunDeps extends StreamTurnDeps {
  readonly store: Pick<Store, "renewLease" | "reader"> &
    TurnWriterDeps["store"] &
    AgentPortsDeps["store"] &
    StreamTurnDeps["store"];
  /** Who answers a source. */
  readonly agentFor: (source: Source) => Agent;
  readonly live: Live;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
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
  readonly fault?: string;
}

export class TurnRun {
  readonly turn: Turn;
  /** Resolves when nothing more is written for this attempt. */
  readonly ended: Promise<LiveOutcome>;
  readonly #deps: TurnRunDeps;
  /** Chosen by who opened the session, once for the attempt. */
  readonly #agent: Agent;
  readonly #facts: TurnFacts;
  readonly #startedAt: number;
  /** Aborted when the agent must stop. */
  readonly #agentStop = new AbortController();
  readonly #writer: TurnWriter;
  readonly #streamed: StreamedReply | null;
  #hold: LeaseHold | null = null;
  /** What the agent has said. */
  #said = "";
  #isAnswered = false;
  #isDraining = false;
  #isCancelled = false;
  #isSuperseded = false;
  #ports: RunningPorts | null = null;

  /** Begins the attempt. `claimedAt` is `clock.monotonic()` from before the claim was asked for. */
  constructor(turn: Turn, claimedAt: number, deps: TurnRunDeps) {
    const { lease, session, attempt } = turn;
    this.turn = turn;
    this.#deps = deps;
    this.#agent = deps.agentFor(session.source);
    const [{ platform }, agent] = [session.source, this.#agent.name];
    this.#facts = { turnId: lease.turnId, sessionId: session.id, platform, attempt, agent };
    this.#startedAt = deps.clock.monotonic();
    this.#writer = new TurnWriter(turn, { ...deps, restMs: () => this.#restMs, onFault: this.#faulted });
    const onLost = (): void => this.stop("lost");
    this.#streamed = streamTurn(turn, deps, { signal: this.#writer.signal, onLost, onFault: this.#faulted });
    this.ended = this.#run(claimedAt);
  }

  /** Stops the agent. `drained` hands the turn back, to be taken up at once and without telling anybody. */
  stop(why: Stopped["why"]): void {
    if (why === "cancelled") this.#isCancelled = true;
    if (why === "lost" || why === "expired") this.#writer.end(why);
    this.#agentStop.abort(new Stopped(why));
  }

  /** A newer message was accepted in the session: the store says whether it interrupts the turn. */
  newer(): void {
    this.#hold?.renew();
  }

  /** The node stops soon: nothing would take the messages up that an interruption sets free, so nothing interrupts. */
  drain(): void {
    this.#isDraining = true;
    // No answer comes in any more.
    if (this.isAsking) this.stop("drained");
  }

  /** Whether its agent waits for a person. */
  get isAsking(): boolean {
    return this.#ports?.isAsking ?? false;
  }

  /** Resolves when nothing of it is on its way to a platform. */
  get quiet(): Promise<void> {
    return this.#streamed?.quiet ?? Promise.resolve();
  }

  get #restMs(): number {
    return this.#streamed?.restMs ?? 0;
  }

  /** The question it waits for may have been answered. */
  answered(): void {
    this.#ports?.answered();
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
    const seqs = messages.map((message) => message.seq);
    const { model = null } = this.#agent;
    telemetry.turnStarted({ ...this.#facts, model, waitedMs: clock.now() - oldest, seqs });
    this.#publish({ type: "start", turnId, attempt, seqs });
    using hold = holdLease({
      renew: () => store.renewLease(lease, options.leaseMs),
      leaseMs: options.leaseMs,
      since: claimedAt,
      clock,
      onInterrupt: () => {
        if (!this.#isAnswered && !this.#isDraining) this.stop("interrupted");
      },
      onEnded: (why) => this.stop(why),
      onFault: this.#faulted,
    });
    this.#hold = hold;
    const ending = await telemetry.withinTurn(this.#facts, () => this.#attempt());
    if (ending.outcome === "cancelled") this.#streamed?.stopped();
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
      const answer = await this.#answer();
      this.#isAnswered = true;
      return this.#endingOf(await this.#writer.commit(answer));
    } catch (error) {
      const why = whyStopped(this.#agentStop.signal);
      if (why === "interrupted" && !this.#isAnswered) return await this.#interrupt();
      if (why === "drained") return await this.#handBack("The gateway was shutting down.");
      if (why !== null && why !== "interrupted") throw error;
      if (!(error instanceof AgentError)) this.#faulted(error);
      const ending = await this.#fail(judge(this.turn, error, options, clock.now()));
      return { ...ending, fault: error instanceof AgentError ? error.fault : "unforeseen" };
    }
  }

  async #answer(): Promise<Answer> {
    const { store, options } = this.#deps;
    const { session, attempt, first } = this.turn;
    const { turnId, sessionId } = this.#facts;
    const { signal } = this.#agentStop;
    const context = await this.#insistForAgent(() =>
      loadContext(store.reader, this.turn, this.#agent, options.transcriptLimit),
    );
    const reset = first ? session.reset : null;
    const agentTurn = {
      turnId,
      attempt,
      sessionId,
      source: session.source,
      reset,
      instructions: null,
      ...context,
    };
    using ports = this.#openPorts();
    using _ = this.#streamed;
    return await runAgent(this.#agent, { ...agentTurn, messages: toAnswer(this.turn) }, ports, signal, this.#hear());
  }

  #openPorts(): RunningPorts {
    const { store, telemetry, clock, pieces, onCommitted } = this.#deps;
    this.#ports = createAgentPorts({
      store,
      telemetry,
      lease: this.turn.lease,
      agent: this.#agent.name,
      clock,
      pieces: (text) => pieces(this.turn.session.source, text),
      signal: this.#agentStop.signal,
      insist: (run) => this.#insistForAgent(run),
      publish: (part) => this.#publish(part),
      onAsked: () => {
        onCommitted?.();
        if (this.#isDraining) this.stop("drained");
      },
      onLost: () => this.stop("lost"),
    });
    return this.#ports;
  }

  /** Asks the store for what the agent needs, for as long as it may run. */
  #insistForAgent<T>(run: () => Promise<T>): Promise<T> {
    const { signal } = this.#agentStop;
    return insist(run, { clock: this.#deps.clock, onFault: this.#faulted, stop: signal, leave: signal });
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
      if (part.type === "text") {
        this.#said += part.text;
        this.#streamed?.hear(part.text);
      }
      if (part.type === "tool") telemetry.toolCalled({ ...this.#facts, ...part });
      if (part.type === "usage") telemetry.tokensUsed({ ...this.#facts, ...part });
      if (part.type === "text" || part.type === "tool") this.#publish({ ...part, turnId });
    };
  }

  #publish(part: LivePart): void {
    if (!this.#isSuperseded) this.#deps.live.publish(this.#facts.sessionId, part);
  }

  async #fail(verdict: Verdict): Promise<Ending> {
    return this.#endingOf(await this.#writer.fail(verdict), verdict.reason);
  }

  async #handBack(reason: string): Promise<Ending> {
    return await this.#fail({ reason, retryAt: this.#deps.clock.now(), notice: "", counts: false });
  }

  async #interrupt(): Promise<Ending> {
    const outcome = await this.#writer.interrupt(this.#said);
    return outcome === "alone"
      ? await this.#handBack("What had interrupted it was taken back.")
      : this.#endingOf(outcome);
  }

  #endingOf(outcome: LiveOutcome, reason?: string): Ending {
    if (outcome === "lost") return this.#lost();
    return reason === undefined ? { outcome } : { outcome, reason };
  }

  /** A store refuses the result of a turn it has cancelled; only here it is known why. */
  #lost(): Ending {
    return this.#isCancelled ? { outcome: "cancelled" } : { outcome: "lost", reason: this.#writer.refusal };
  }

  readonly #faulted = (error: unknown): void => this.#deps.telemetry.faulted({ where: "turn", error });
}
