/**
 * Runs the turns of this node: as many at once as `concurrency`, at most one for each session (which the
 * store sees to). A stored, unanswered message is the queue; nothing here remembers what waits.
 *
 *     created ──start──▶ claiming ──stop──▶ draining ──▶ stopped
 *
 * Draining claims nothing more and lets what runs go on for a while; what is left is handed back.
 */
import type { BusyPolicy, BusyRules } from "../core/busy-policy.ts";
import { policyFor } from "../core/platform-rules.ts";
import { createLoop } from "../lib/loop.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { TurnRef } from "../store/repair-store.ts";
import type { Command, SessionRef, Store } from "../store/store.ts";
import type { CancelOutcome } from "../store/turn-store.ts";
import type { LiveOutcome } from "./live.ts";
import { TurnRun, type TurnRunDeps } from "./turn-run.ts";

export interface TurnOptions extends Readonly<TurnRunOptions> {
  /** How many turns run at once on this node; as many more may wait for a person to choose. */
  readonly concurrency: number;
  /** The most messages one turn takes. */
  readonly maxMessages: number;
}

type TurnRunOptions = TurnRunDeps["options"];

export interface TurnRunnerDeps extends TurnRunDeps {
  readonly store: Store;
  /** The name this node's leases carry. */
  readonly node: string;
  readonly options: TurnOptions;
  /** The policies that the store was opened with, so that it is asked about interruptions only where there can be one. */
  readonly busy?: BusyRules;
}

export interface TurnRunner {
  /** Begins to claim; what an earlier process has left behind is taken up first. */
  start(): void;
  /** A message may wait. */
  wake(): void;
  /** Stops claiming, waits for what runs, then hands the rest back. */
  stop(drain: { readonly drainMs: number }): Promise<DrainedTurns>;
  /** Cancels what a session is doing and what waits in it, and stops its run here. */
  cancel(ref: SessionRef | TurnRef, command?: Command): Promise<CancelOutcome>;
  /** A message was accepted in a session: it waits, or interrupts the turn that runs here. */
  newer(sessionId: string): void;
  /** Stops the local run of a session whose life was ended or erased: its result cannot be stored any more. */
  abandon(sessionId: string): void;
  /** A question of this turn was answered: its run here, if there is one, goes on at once. */
  answered(turnId: string): void;
}

export interface DrainedTurns {
  /** Turns that came to an end of their own while draining. */
  readonly finished: number;
  /** The ids of those that were handed back, or whose lease is left to run out. */
  readonly left: readonly string[];
}

/** What becomes of a turn that another process has to answer. */
const LEFT: ReadonlySet<LiveOutcome> = new Set(["retrying", "interrupted", "lost"]);

/** How long a store may take to write down that turns are handed back, in milliseconds. */
const HAND_BACK_MS = 2_000;

export function createTurnRunner(deps: TurnRunnerDeps): TurnRunner {
  const { store, clock, node, options, busy } = deps;
  const runs = new Set<TurnRun>();
  /** Those of which something is on its way to a platform, or may be. */
  const unquiet = new Set<TurnRun>();
  /** Else a message that is accepted need not look at what runs. */
  const mayInterrupt = busy === undefined || policiesOf(busy).some(({ mode }) => mode === "interrupt");
  let isStopped = false;

  const begin = (run: TurnRun): void => {
    runs.add(run);
    unquiet.add(run);
    void run.ended.then(() => {
      runs.delete(run);
      void run.quiet.then(() => unquiet.delete(run));
      deps.onCommitted?.();
      loop.wake();
    });
  };

  /** Who waits for a person holds up nobody else, unless there are as many of them as may run at once. */
  const freePlaces = (): number => {
    const asking = Array.from(runs).filter((run) => run.isAsking).length;
    return Math.max(0, options.concurrency - runs.size + Math.min(asking, options.concurrency));
  };

  /** Begins the turn in the same tick as the claim is answered, so that a cancellation always finds it. */
  const claim = async (): Promise<boolean> => {
    const claimedAt = clock.monotonic();
    const { leaseMs, maxMessages, maxAgeMs } = options;
    const turn = await store.claimTurn({ node, leaseMs, maxMessages, maxAgeMs });
    if (turn === null) return false;
    // The clock has jumped past the end of a lease that is still held here.
    for (const run of runs) {
      if (run.turn.lease.turnId === turn.lease.turnId) run.supersede();
      else if (run.turn.session.id === turn.session.id) run.stop("lost");
    }
    begin(new TurnRun(turn, claimedAt, deps));
    return true;
  };

  /** Claims one turn, then two, then four …: claims that are asked for together share a commit. */
  const claimAll = async (): Promise<void> => {
    for (let width = 1; !isStopped; width *= 2) {
      const free = freePlaces();
      const claims = await Promise.allSettled(Array.from({ length: Math.min(width, free) }, claim));
      const failed = claims.find((claimed) => claimed.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      if (claims.length === 0 || claims.some((claimed) => claimed.status === "fulfilled" && !claimed.value)) return;
    }
  };

  const loop = createLoop({
    clock,
    step: claimAll,
    nextDue: async () => (freePlaces() > 0 ? (await store.reader.nextDue()).turn : null),
    onFault: (error) => deps.telemetry.faulted({ where: "turn", error }),
  });

  const settled = (timeoutMs: number): Promise<boolean> =>
    settlesWithin(clock, timeoutMs, Promise.all([...runs].map((run) => run.ended)));

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),

    stop: async ({ drainMs }) => {
      isStopped = true;
      await loop.stop();
      const running = [...runs];
      for (const run of running) run.drain();
      await settled(drainMs);
      for (const run of runs) run.stop("drained");
      if (!(await settled(HAND_BACK_MS))) {
        for (const run of runs) run.stop("expired");
      }
      const outcomes = await Promise.all(running.map((run) => run.ended));
      const quiet = Promise.all(Array.from(unquiet, (run) => run.quiet));
      if (!(await settlesWithin(clock, HAND_BACK_MS, quiet))) for (const run of unquiet) run.stop("expired");
      const left = running.filter((_run, index) => LEFT.has(outcomes[index] ?? "lost"));
      return { finished: running.length - left.length, left: left.map((run) => run.turn.lease.turnId) };
    },

    cancel: async (ref, command) => {
      const outcome = await store.cancelTurn(ref, command);
      if (outcome.outcome === "cancelled") {
        for (const run of runs) {
          if (run.turn.lease.turnId === outcome.turnId) run.stop("cancelled");
        }
        deps.onCommitted?.();
      }
      return outcome;
    },

    newer: (sessionId) => {
      for (const run of mayInterrupt ? runs : []) {
        const { id, source } = run.turn.session;
        if (id === sessionId && (busy === undefined || policyFor(busy, source).mode === "interrupt")) run.newer();
      }
      loop.wake();
    },

    abandon: (sessionId) => {
      for (const run of runs) {
        if (run.turn.session.id === sessionId) run.stop("lost");
      }
    },

    answered: (turnId) => {
      for (const run of runs) {
        if (run.turn.lease.turnId === turnId) run.answered();
      }
    },
  };
}

function policiesOf({ default: policy, rules = [] }: BusyRules): readonly BusyPolicy[] {
  return [policy, ...rules.map((rule) => rule.policy)];
}
