import type { Lease } from "../../core/turn.ts";
import type { Context } from "./context.ts";
import type { SessionRow } from "./rows.ts";

/** The session of a lease, while its holder's fence is the highest and its turn the one that runs. */
export function held({ db }: Context, lease: Lease): SessionRow | undefined {
  return db.get<SessionRow>(
    `SELECT * FROM session WHERE id = ? AND fence = ? AND turn_id = ?`,
    lease.sessionId,
    lease.fence,
    lease.turnId,
  );
}
