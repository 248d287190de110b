/** Named leases: for what only one process at a time may do, such as asking a platform for its messages. */

export interface LeaseStore {
  /**
   * Takes a lease that nobody holds, or whose time is over, under a fence higher than any before. Its holder,
   * asking again, has it extended under the same fence.
   *
   * @throws ParlorError `INVALID_INPUT` for a name or a holder that is empty, or a time that cannot be kept.
   */
  acquireLease(request: {
    readonly name: string;
    /** The name of a node. */
    readonly holder: string;
    readonly leaseMs: number;
  }): Promise<AcquireOutcome>;

  /** Moves the end of the lease to `leaseMs` from now. `lost`: stop, someone else may be doing it. */
  renewNamedLease(lease: NamedLease, leaseMs: number): Promise<"renewed" | "lost">;

  /** Gives the lease back, so that another one can have it at once. */
  releaseLease(lease: NamedLease): Promise<"released" | "lost">;
}

export interface NamedLease {
  /** What it is for, such as `telegram:12345`. */
  readonly name: string;
  readonly holder: string;
  /** Higher with every holder, and never lower again. */
  readonly fence: number;
  /** When it ends unless it is renewed, in epoch milliseconds. */
  readonly until: number;
}

export type AcquireOutcome =
  | { readonly outcome: "acquired"; readonly lease: NamedLease }
  /** Until then, unless it is renewed or given back. */
  | { readonly outcome: "held"; readonly holder: string; readonly until: number };
