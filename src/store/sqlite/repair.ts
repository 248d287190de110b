/**
 * What is done by hand. Each verb is one immediate transaction that looks before it changes: of two people
 * who ask for the same thing, one does it and the other is told so.
 */
import { randomId } from "../../lib/id.ts";
import type { Source } from "../../core/source.ts";
import type { TurnState } from "../../core/turn.ts";
import type { Command } from "../store.ts";
import type {
  DropDeliveryOutcome,
  RetryDeliveryOptions,
  RetryDeliveryOutcome,
  RetryTurnOutcome,
} from "../repair-store.ts";
import { type Context, keyOf } from "./context.ts";
import { promoteLane } from "./delivery-writer.ts";
import { sessionRow } from "./lives.ts";
import { giveCommandReceipt, receivedCommand } from "./receipts.ts";
import { type DeliveryRow, deliveryOf } from "./rows.ts";

interface DeadTurn {
  readonly session_id: string;
  readonly state: TurnState;
  readonly first_seq: number;
  readonly last_seq: number;
}

export function retryTurn(
  context: Context,
  which: string | { readonly source: Source },
  command: Command | undefined,
): RetryTurnOutcome {
  const { db, clock } = context;
  if (receivedCommand(context, command)) return { outcome: "duplicate", turnId: null };
  const id = typeof which === "string" ? which : lastDead(context, which.source);
  if (id === undefined) return { outcome: "missing" };
  const turn = db.get<DeadTurn>(`SELECT session_id, state, first_seq, last_seq FROM turn WHERE id = ?`, id);
  if (turn === undefined) return { outcome: "missing" };
  const earlier = db.get<{ id: string }>(`SELECT id FROM turn WHERE retry_of = ?`, id);
  if (earlier !== undefined) return { outcome: "duplicate", turnId: earlier.id };
  if (turn.state !== "dead") return { outcome: "unfit", state: turn.state };
  const session = sessionRow(context, turn.session_id);
  if (session === undefined) throw new Error(`turn ${id} has no session; run \`parlor doctor\``);
  if (session.ended_at !== null) return { outcome: "ended", sessionId: session.id };
  giveCommandReceipt(context, command, session.id);
  if (session.turn_id !== null) return { outcome: "busy", turnId: session.turn_id };
  const now = clock.now();
  const turnId = randomId("trn");
  db.run(
    `INSERT INTO turn (id, session_id, state, attempt, first, first_seq, last_seq, started_at, retry_of) VALUES (?, ?, 'retrying', 0, 0, ?, ?, ?, ?)`,
    turnId,
    session.id,
    turn.first_seq,
    turn.last_seq,
    now,
    id,
  );
  const messages = db.run(
    `UPDATE message SET state = 'running', turn_id = ? WHERE session_id = ? AND seq BETWEEN ? AND ? AND turn_id = ? AND state = 'dead'`,
    turnId,
    session.id,
    turn.first_seq,
    turn.last_seq,
    id,
  );
  // The fence goes up with every change of hands, though nobody can hold an idle session.
  db.run(`UPDATE session SET turn_id = ?, fence = fence + 1, due_at = ? WHERE id = ?`, turnId, now, session.id);
  return { outcome: "retried", turnId, messages };
}

/** The newest dead turn of the live session of a source that nobody has retried. */
function lastDead(context: Context, source: Source): string | undefined {
  return context.db.get<{ id: string }>(
    `SELECT t.id FROM session AS s JOIN turn AS t ON t.session_id = s.id
     WHERE s.key = ? AND s.ended_at IS NULL AND t.state = 'dead' AND NOT EXISTS (SELECT 1 FROM turn WHERE retry_of = t.id)
     ORDER BY t.number DESC LIMIT 1`,
    keyOf(context, source),
  )?.id;
}

export function retryDelivery(
  { db, clock }: Context,
  id: string,
  { mayArriveTwice = false }: RetryDeliveryOptions = {},
): RetryDeliveryOutcome {
  const row = db.get<DeliveryRow>(`SELECT * FROM delivery WHERE id = ?`, id);
  if (row === undefined) return { outcome: "missing" };
  if (row.state !== "failed" && row.state !== "unknown") return { outcome: "unfit", state: row.state };
  if (row.text === "") return { outcome: "wordless" };
  if (row.state === "unknown" && !mayArriveTwice) return { outcome: "ambiguous" };
  db.run(`UPDATE delivery SET state = 'pending', pardoned = attempt, settled_at = NULL WHERE number = ?`, row.number);
  promoteLane(db, row.lane, clock.now());
  return { outcome: "retried", delivery: deliveryOf({ ...row, state: "pending", pardoned: row.attempt }) };
}

export function dropDelivery({ db, clock }: Context, id: string): DropDeliveryOutcome {
  const now = clock.now();
  const row = db.get<DeliveryRow>(`SELECT * FROM delivery WHERE id = ?`, id);
  if (row === undefined) return { outcome: "missing" };
  if (!["pending", "failed", "unknown"].includes(row.state)) return { outcome: "unfit", state: row.state };
  // Nobody can erase what belongs to no session, so its words go as soon as nobody needs them.
  const dropped = db.get<DeliveryRow>(
    `UPDATE delivery SET state = 'dropped', due_at = NULL, settled_at = coalesce(settled_at, ?),
       text = CASE WHEN session_id IS NULL THEN '' ELSE text END
     WHERE number = ? RETURNING *`,
    now,
    row.number,
  );
  if (dropped === undefined) throw new Error("a delivery was dropped and is not there");
  promoteLane(db, row.lane, now);
  return { outcome: "dropped", delivery: deliveryOf(dropped) };
}
