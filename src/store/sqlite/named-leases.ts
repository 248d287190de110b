/**
 * Named leases. Every verb is one immediate transaction: of two processes that ask at once, the second one
 * finds what the first has written.
 */
import { ParlorError } from "../../core/errors.ts";
import type { AcquireOutcome, LeaseStore, NamedLease } from "../lease-store.ts";
import { checkWhole } from "./check-whole.ts";
import type { Context } from "./context.ts";

interface LeaseRow {
  readonly holder: string | null;
  readonly fence: number;
  readonly until: number | null;
}

export function acquireLease(
  { db, clock }: Context,
  { name, holder, leaseMs }: Parameters<LeaseStore["acquireLease"]>[0],
): AcquireOutcome {
  if (name === "" || holder === "") {
    throw new ParlorError("INVALID_INPUT", "A named lease needs a name and a holder; found an empty one.");
  }
  const now = clock.now();
  const row = db.get<LeaseRow>(`SELECT holder, fence, until FROM named_lease WHERE name = ?`, name);
  if (row !== undefined && row.holder !== null && row.until !== null && row.holder !== holder && row.until > now) {
    return { outcome: "held", holder: row.holder, until: row.until };
  }
  const fence = row === undefined ? 1 : row.holder === holder ? row.fence : row.fence + 1;
  const until = endOf(now, leaseMs);
  db.run(
    `INSERT INTO named_lease (name, holder, fence, until) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET holder = excluded.holder, fence = excluded.fence, until = excluded.until`,
    name,
    holder,
    fence,
    until,
  );
  return { outcome: "acquired", lease: { name, holder, fence, until } };
}

export function renewNamedLease({ db, clock }: Context, lease: NamedLease, leaseMs: number): "renewed" | "lost" {
  const changed = db.run(
    `UPDATE named_lease SET until = ? WHERE name = ? AND holder = ? AND fence = ?`,
    endOf(clock.now(), leaseMs),
    lease.name,
    lease.holder,
    lease.fence,
  );
  return changed === 1 ? "renewed" : "lost";
}

export function releaseLease({ db }: Context, lease: NamedLease): "released" | "lost" {
  const changed = db.run(
    `UPDATE named_lease SET holder = NULL, until = NULL WHERE name = ? AND holder = ? AND fence = ?`,
    lease.name,
    lease.holder,
    lease.fence,
  );
  return changed === 1 ? "released" : "lost";
}

/** Frees what a node that is known to be dead still holds. */
export function releaseLeasesOf({ db }: Context, node: string): void {
  db.run(`UPDATE named_lease SET holder = NULL, until = NULL WHERE holder = ?`, node);
}

function endOf(now: number, leaseMs: number): number {
  checkWhole("leaseMs", leaseMs);
  const until = now + leaseMs;
  checkWhole("the end of the lease", until);
  return until;
}
