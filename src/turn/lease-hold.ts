/**
 * Holds a lease, such as that of one turn while it runs: renewed at a third of its time, and given up by this
 * process's own monotonic clock a tenth before its end, so that side effects have stopped when another
 * node may begin.
 *
 *     held ──renewed──▶ held (and the store may say that a newer message is to interrupt the turn)
 *       ├──the store says so──▶ lost
 *       ├──could not be renewed in time──▶ expired
 *       └──disposed──▶ (no longer renewed)
 */
import type { Clock } from "../lib/clock.ts";

export interface LeaseHoldOptions {
  /** Asks the store for more time. */
  readonly renew: () => Promise<"renewed" | "interrupt" | "lost">;
  readonly leaseMs: number;
  /** `clock.monotonic()` from before the claim was asked for. */
  readonly since: number;
  readonly clock: Clock;
  /** Called when a renewal finds that a newer message is to interrupt the turn, which still holds; perhaps more than once. */
  readonly onInterrupt: () => void;
  /** Called once, when the lease no longer holds. */
  readonly onEnded: (why: "lost" | "expired") => void;
  /** A renewal failed and is tried again. */
  readonly onFault: (error: unknown) => void;
}

export interface LeaseHold extends Disposable {
  /** Renews at once, beside the renewals of its own: what the store says of the turn may have changed. */
  renew(): void;
}

export function holdLease(options: LeaseHoldOptions): LeaseHold {
  const { leaseMs, clock, onInterrupt, onEnded, onFault } = options;
  let isHeld = true;
  let cancelRenewal = (): void => {};
  let cancelExpiry = (): void => {};

  const release = (): void => {
    isHeld = false;
    cancelRenewal();
    cancelExpiry();
  };
  const end = (why: "lost" | "expired"): void => {
    if (!isHeld) return;
    release();
    onEnded(why);
  };

  const holdSince = (since: number): void => {
    const endsAt = since + leaseMs * 0.9;
    cancelExpiry();
    cancelRenewal();
    cancelExpiry = clock.timer(Math.max(0, endsAt - clock.monotonic()), () => end("expired"));
    cancelRenewal = clock.timer(leaseMs / 3, () => void renew());
  };

  const renew = async (): Promise<void> => {
    if (!isHeld) return;
    const since = clock.monotonic();
    try {
      const outcome = await options.renew();
      if (outcome === "lost") end("lost");
      if (!isHeld) return;
      holdSince(since);
      if (outcome === "interrupt") onInterrupt();
    } catch (error) {
      if (!isHeld) return;
      onFault(error);
      cancelRenewal();
      cancelRenewal = clock.timer(leaseMs / 20, () => void renew());
    }
  };

  holdSince(options.since);
  return { renew: () => void renew(), [Symbol.dispose]: release };
}
