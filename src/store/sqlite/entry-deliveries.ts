import type { EntryDelivery } from "../repair-store.ts";
import type { Database } from "./database.ts";
import { MAX_LIMIT } from "./cursor.ts";
import type { DeliveryRow } from "./rows.ts";

type Row = Pick<DeliveryRow, "id" | "state" | "attempt" | "remote_id" | "error"> & { readonly piece: number };

/** The replies of some entries, one look into the index delivery_entry for each. */
export function readEntryDeliveries(
  db: Database,
  sessionId: string,
  seqs: readonly number[],
): ReadonlyMap<number, readonly EntryDelivery[]> {
  const found = new Map<number, readonly EntryDelivery[]>();
  for (const seq of seqs.slice(0, MAX_LIMIT)) {
    const rows = db.all<Row>(
      `SELECT id, piece, state, attempt, remote_id, error FROM delivery WHERE session_id = ? AND seq = ? ORDER BY number`,
      sessionId,
      seq,
    );
    if (rows.length > 0) found.set(seq, rows.map(entryDeliveryOf));
  }
  return found;
}

function entryDeliveryOf({ id, piece, state, attempt, remote_id: remoteId, error }: Row): EntryDelivery {
  return { id, piece, state, attempt, remoteId, error };
}
