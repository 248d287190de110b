/**
 * Runs the turns of this node: as many at once as `concurrency`, at most one for each session (which the
 * store sees to). A stored, unanswered message is the queue; nothing here remembers what waits.
 *
 *     created ──start──▶ claiming ──stop──▶ draining ──▶ stopped
 *
 * Draining claims nothing more and lets what runs go on for a while; what is left is handed back.
 */
import type { Agent } from "../agent/agent.ts";
import { createLoop } from "../lib/loop.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { TurnRef } from "../store/repair-store.ts";
import type { CancelOutcome, Command, SessionRef, Store } from "../store/store.ts";
import { TurnRun, type TurnRunDeps } from "./turn-run.ts";

export interface TurnOptions extends Readonly<TurnRunOptions> {
  /** How many turns run at once on this node. */
  readonly concurrency: number;
  /** The most messages one turn takes. */
  readonly maxMessages: number;
}

type TurnRunOptions = TurnRunDeps["options"];

export interface TurnRunnerDeps extends TurnRunDeps {
  readonly store: Store;
  readonly agent: Agent;
  /** The name this node's leases carry. */
  readonly node: string;
  readonly options: TurnOptions;
  /** Called after an attempt has ended: deliveries and lifecycle events may be due. */
  readonly onCommitted?: () => void;
}

export interface TurnRunner {
  /** Begins to claim; what an earlier process has left behind is taken up first. */
  start(): void;
  /** A message may wait. */
  wake(): void;
  /** Stops claiming, waits for what runs, then hands the rest back. */
  stop(drain: { readonly drainMs: number }): Promise<Drained>;
  /** Cancels what a session is doing and what waits in it, and stops its run here. */
  cancel(ref: SessionRef | TurnRef, command?: Command): Promise<CancelOutcome>;
  /** Stops the local run of a session whose life was ended or erased: its result cannot be stored any more. */
  interrupt(sessionId: string): void;
}

export interface Drained {
  /** Turns that came to an end of their own while draining. */
  readonly finished: number;
  /** Turns that were handed back, or whose lease is left to run out. */
  readonly left: number;
}

/** How long a store may take to write down that turns are handed back, in milliseconds. */
const HAND_BACK_MS = 2_000;

export function createTurnRunner(deps: TurnRunnerDeps): TurnRunner {
  const { store, clock, node, options } = deps;
  const runs = new Set<TurnRun>();
  let isStopped = false;

  const begin = (run: TurnRun): void => {
    runs.add(run);
    void run.ended.then(() => {
      runs.delete(run);
      deps.onCommitted?.();
      loop.wake();
    });
  };

  /** Begins the turn in the same tick as the claim is answered, so that a cancellation always finds it. */
  const claim = async (): Promise<boolean> => {
    const claimedAt = clock.monotonic();
    const turn = await store.claimTurn({ node, leaseMs: options.leaseMs, maxMessages: options.maxMessages });
    if (turn === null) return false;
    // The clock has jumped past the end of a lease that is still held here.
    for (const run of runs) if (run.turn.lease.turnId === turn.lease.turnId) run.supersede();
    begin(new TurnRun(turn, claimedAt, deps));
    return true;
  };

  /** Claims one turn, then two, then four …: claims that are asked for together share a commit. */
  const claimAll = async (): Promise<void> => {
    for (let width = 1; !isStopped; width *= 2) {
      const free = options.concurrency - runs.size;
      const claims = await Promise.allSettled(Array.from({ length: Math.min(width, free) }, claim));
      const failed = claims.find((claimed) => claimed.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      if (claims.length === 0 || claims.some((claimed) => claimed.status === "fulfilled" && !claimed.value)) return;
    }
  };

  const loop = createLoop({
    clock,
    step: claimAll,
    nextDue: async () => (runs.size < options.concurrency ? (await store.reader.nextDue()).turn : null),
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
      const running = runs.size;
      await settled(drainMs);
      const rest = [...runs];
      for (const run of rest) run.stop("drained");
      if (!(await settled(HAND_BACK_MS))) {
        for (const run of runs) run.stop("expired");
      }
      const outcomes = await Promise.all(rest.map((run) => run.ended));
      const left = outcomes.filter((outcome) => outcome === "retrying" || outcome === "lost").length;
      return { finished: running - left, left };
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

    interrupt: (sessionId) => {
      for (const run of runs) {
        if (run.turn.session.id === sessionId) run.stop("lost");
      }
    },
  };
}
