import type { DeliveryAccount } from "../../core/delivery.ts";
import type { NextDue } from "../reader.ts";
import type { Database } from "./database.ts";
import { OTHER_ACCOUNTS, accountList } from "./other-accounts.ts";

/** Three looks at the first entry of an index; the one for deliveries goes over those of the accounts `besides`. */
export function nextDue(db: Database, besides?: readonly DeliveryAccount[]): NextDue {
  const due = db.get<NextDue>(
    `SELECT (SELECT min(due_at) FROM session WHERE due_at IS NOT NULL) AS turn,
       (SELECT min(due_at) FROM delivery WHERE due_at IS NOT NULL AND ${OTHER_ACCOUNTS}) AS delivery,
       (SELECT min(due_at) FROM lifecycle_event WHERE due_at IS NOT NULL) AS event`,
    accountList(besides),
  );
  return { turn: due?.turn ?? null, delivery: due?.delivery ?? null, event: due?.event ?? null };
}
