/**
 * Holds the lease of one turn while it runs: renewed at a third of its time, and given up by this
 * process's own monotonic clock a tenth before its end, so that side effects have stopped when another
 * node may begin.
 *
 *     held ──renewed──▶ held
 *       ├──the store says so──▶ lost
 *       ├──could not be renewed in time──▶ expired
 *       └──disposed──▶ (no longer renewed)
 */
import type { Lease } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import type { TurnStore } from "../store/store.ts";

export interface LeaseHoldOptions {
  readonly store: Pick<TurnStore, "renewLease">;
  readonly lease: Lease;
  readonly leaseMs: number;
  /** `clock.monotonic()` from before the claim was asked for. */
  readonly since: number;
  readonly clock: Clock;
  /** Called once, when the lease no longer holds. */
  readonly onEnded: (why: "lost" | "expired") => void;
  /** A renewal failed and is tried again. */
  readonly onFault: (error: unknown) => void;
}

export function holdLease(options: LeaseHoldOptions): Disposable {
  const { store, lease, leaseMs, clock, onEnded, onFault } = options;
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
    cancelExpiry = clock.timer(Math.max(0, endsAt - clock.monotonic()), () => end("expired"));
    cancelRenewal = clock.timer(leaseMs / 3, () => void renew());
  };

  const renew = async (): Promise<void> => {
    const since = clock.monotonic();
    try {
      const outcome = await store.renewLease(lease, leaseMs);
      if (outcome === "lost") end("lost");
      else if (isHeld) holdSince(since);
    } catch (error) {
      if (!isHeld) return;
      onFault(error);
      cancelRenewal = clock.timer(leaseMs / 20, () => void renew());
    }
  };

  holdSince(options.since);
  return { [Symbol.dispose]: release };
}
