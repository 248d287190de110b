/**
 * What only one gateway on a store may do, done under a named lease:
 *
 *     standing by ──acquired──▶ on duty ──lost, or not renewed in time──▶ standing by
 *          └──stop──▶ stopped ◀──stop, the lease is given back──┘
 *
 * Invariants: `begin` is called only while the lease is held, and `end` is waited for before it is asked for
 * again; the duty is given up by this process's own clock before the lease ends. The lease of a process that is
 * known to be dead is taken at once, any other one when it has run out.
 */
import { sleep } from "../lib/sleep.ts";
import type { Clock } from "../lib/clock.ts";
import type { LeaseStore, NamedLease } from "../store/lease-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import { holdLease } from "../turn/lease-hold.ts";
import { isDeadNode } from "./node-name.ts";

export interface SoleDutyOptions {
  readonly store: LeaseStore & Pick<TurnStore, "releaseNode">;
  /** The name of the lease. */
  readonly name: string;
  readonly node: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly begin: () => void;
  /** `ousted`: another process may do it already. */
  readonly end: (why: "stopped" | "ousted") => Promise<void>;
  /** Another process does it; called once for each time of standing by. */
  readonly onStandby: (duty: { readonly lease: string; readonly holder: string }) => void;
  /** The duty was taken after standing by. */
  readonly onTaken: (duty: { readonly lease: string }) => void;
  /** The lease did not hold: another process may have it. */
  readonly onLost: (lease: { readonly name: string }) => void;
  /** A try failed and is made again. */
  readonly onFault: (error: unknown) => void;
}

export interface SoleDuty {
  start(): void;
  /** Resolves when the duty is over and the lease given back. */
  stop(): Promise<void>;
}

/** How often a lease is asked for that another one holds, in milliseconds. */
const LOOK_MS = 1_000;

export function createSoleDuty(options: SoleDutyOptions): SoleDuty {
  const { store, name, node, leaseMs, clock, onFault } = options;
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  let isStandingBy = false;

  /** Null: not now. */
  const acquire = async (): Promise<{ readonly lease: NamedLease; readonly since: number } | null> => {
    const since = clock.monotonic();
    const acquired = await store.acquireLease({ name, holder: node, leaseMs });
    if (acquired.outcome === "acquired") return { lease: acquired.lease, since };
    if (!isStandingBy) options.onStandby({ lease: name, holder: acquired.holder });
    isStandingBy = true;
    if (!isDeadNode(acquired.holder)) return null;
    await store.releaseNode(acquired.holder);
    return await acquire();
  };

  const serve = async ({ lease, since }: { readonly lease: NamedLease; readonly since: number }): Promise<void> => {
    if (isStandingBy) options.onTaken({ lease: name });
    isStandingBy = false;
    const over = Promise.withResolvers<"stopped" | "ousted">();
    const stop = (): void => over.resolve("stopped");
    stopped.signal.addEventListener("abort", stop);
    if (stopped.signal.aborted) stop();
    const hold = holdLease({
      renew: () => store.renewNamedLease(lease, leaseMs),
      leaseMs,
      since,
      clock,
      onInterrupt: () => {},
      onEnded: () => over.resolve("ousted"),
      onFault,
    });
    try {
      options.begin();
      const why = await over.promise;
      if (why === "ousted") options.onLost({ name });
      await options.end(why);
      if (why === "stopped") await store.releaseLease(lease);
    } finally {
      hold[Symbol.dispose]();
      stopped.signal.removeEventListener("abort", stop);
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        const acquired = await acquire();
        if (acquired !== null) await serve(acquired);
      } catch (error) {
        onFault(error);
      }
      await sleep(clock, LOOK_MS, stopped.signal);
    }
  };

  return {
    start: () => {
      if (!stopped.signal.aborted) running ??= run();
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
