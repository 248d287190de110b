/**
 * Deliveries. Replies to one destination form a lane; only the oldest unsettled one of a lane has a
 * due time, so one slow destination holds up itself alone and order within it is kept.
 */
import type { Delivery } from "../../core/delivery.ts";
import { digest } from "../../core/digest.ts";
import { storableText } from "../../core/message.ts";
import { base32, randomId } from "../../lib/id.ts";
import type { DeliveryResult, DeliveryStore, LooseReply, TakenDelivery } from "../store.ts";
import { checkWhole } from "./check-whole.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { OTHER_ACCOUNTS, accountList } from "./other-accounts.ts";
import { type DeliveryRow, type SessionRow, deliveryLane, deliveryOf } from "./rows.ts";

interface NewDelivery {
  /** Default: a random one. */
  readonly id?: string;
  readonly to: Pick<SessionRow, "platform" | "account" | "chat_type" | "chat" | "thread" | "user">;
  readonly sessionId: string | null;
  readonly turnId: string | null;
  readonly seq: number | null;
  /** Which of the parts of its entry it is, from 1. */
  readonly piece: number;
  readonly text: string;
  readonly state: "open" | "pending";
}

/** Returns the delivery that is stored under this id; the one of an earlier call when there is one. */
export function insertDelivery(
  { db, clock }: Context,
  { id = randomId("dlv"), to, sessionId, turnId, seq, piece, text, state }: NewDelivery,
): DeliveryRow {
  const now = clock.now();
  const lane = deliveryLane(to);
  const inserted = db.get<DeliveryRow>(
    `INSERT INTO delivery (id, lane, session_id, turn_id, seq, piece, platform, account, chat_type, chat, thread, user, text, state, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING *`,
    id,
    lane,
    sessionId,
    turnId,
    seq,
    piece,
    to.platform,
    to.account,
    to.chat_type,
    to.chat,
    to.thread,
    to.user,
    storableText(text),
    state,
    now,
  );
  if (inserted !== undefined && state === "pending") promoteLane(db, lane, now);
  const row = inserted ?? db.get<DeliveryRow>(`SELECT * FROM delivery WHERE id = ?`, id);
  if (row === undefined) throw new Error("a delivery was inserted and is not there");
  return row;
}

/** No destination rests longer, in milliseconds: what seems to comes of a clock that was set back. */
export const LONGEST_REST_MS = 60_000;

/**
 * Makes the oldest unsettled delivery of a lane due when the lane has rested, unless it has its time already.
 * `state IN (…)` stands in every statement, also beside a narrower condition, because only with it the index
 * of lanes is used.
 */
export function promoteLane(db: Database, lane: string, now: number): void {
  const head = db.get<{ number: number; due_at: number | null }>(
    `SELECT number, due_at FROM delivery WHERE lane = ? AND state IN ('pending', 'sending') ORDER BY number LIMIT 1`,
    lane,
  );
  if (head === undefined || head.due_at !== null) return;
  // A streamed reply keeps the number of its first post: one that was due before it must wait for it now.
  db.run(
    `UPDATE delivery SET due_at = NULL
     WHERE lane = ? AND state IN ('pending', 'sending') AND state = 'pending' AND due_at IS NOT NULL`,
    lane,
  );
  const sending = db.get(
    `SELECT 1 FROM delivery WHERE lane = ? AND state IN ('pending', 'sending') AND state = 'sending'`,
    lane,
  );
  if (sending !== undefined) return;
  db.run(`UPDATE delivery SET due_at = ? WHERE number = ?`, restedAt(db, lane, now), head.number);
}

function restedAt(db: Database, lane: string, now: number): number {
  const rest = db.get<{ until: number | null }>(
    `SELECT max(rest_until) AS until FROM delivery WHERE lane = ? AND rest_until IS NOT NULL`,
    lane,
  );
  const until = rest?.until ?? now;
  return until > now + LONGEST_REST_MS ? now : Math.max(now, until);
}

/** From now on this delivery alone says how long its lane rests. */
function restLane(db: Database, { id, lane }: Pick<DeliveryRow, "id" | "lane">, restMs: number, now: number): void {
  db.run(`UPDATE delivery SET rest_until = NULL WHERE lane = ? AND rest_until IS NOT NULL`, lane);
  if (restMs <= 0) return;
  const until = now + Math.min(Math.ceil(restMs), LONGEST_REST_MS);
  db.run(`UPDATE delivery SET rest_until = ? WHERE id = ?`, until, id);
}

/** Whether a reply to this place is still to be sent. */
export function isLaneBusy({ db }: Context, to: NewDelivery["to"]): boolean {
  const unsettled = db.get(
    `SELECT 1 FROM delivery WHERE lane = ? AND state IN ('pending', 'sending')`,
    deliveryLane(to),
  );
  return unsettled !== undefined;
}

export function openDeliveryOf({ db }: Context, turnId: string): DeliveryRow | undefined {
  return db.get<DeliveryRow>(`SELECT * FROM delivery WHERE turn_id = ? AND state = 'open'`, turnId);
}

/** The turn is committed: what was streamed is sent in full, as a piece of its entry, when it has rested. */
export function streamInto(
  { db, clock }: Context,
  streamed: Pick<DeliveryRow, "id" | "lane">,
  { seq, text, restMs }: { readonly seq: number; readonly text: string; readonly restMs: number },
): void {
  const now = clock.now();
  db.run(
    `UPDATE delivery SET state = 'pending', seq = ?, text = ?, created_at = ? WHERE id = ?`,
    seq,
    storableText(text),
    now,
    streamed.id,
  );
  if (restMs > 0) restLane(db, streamed, restMs, now);
  promoteLane(db, streamed.lane, now);
}

/** An attempt has ended while its first post was on its way: the next one, which cannot know of it, waits for it too. */
export function restOpenDelivery(context: Context, turnId: string, restMs: number): void {
  const open = openDeliveryOf(context, turnId);
  if (open !== undefined && restMs > 0) restLane(context.db, open, restMs, context.clock.now());
}

/** Safe without a lease: what has been taken, or has an id, is left alone, and the id is that of its own first post. */
export function recordLatePost({ db, clock }: Context, id: string, remoteId: string): "recorded" | "late" {
  const now = clock.now();
  const row = db.get<Pick<DeliveryRow, "id" | "lane">>(
    `UPDATE delivery SET remote_id = ?, due_at = CASE WHEN due_at > ? THEN ? ELSE due_at END, rest_until = NULL
     WHERE id = ? AND remote_id IS NULL AND attempt = 0 AND state IN ('open', 'pending') RETURNING id, lane`,
    remoteId,
    now,
    now,
    id,
  );
  return row === undefined ? "late" : "recorded";
}

/** The turn is over and has nothing to send. */
export function closeStreamed({ db, clock }: Context, streamed: Pick<DeliveryRow, "id">): void {
  db.run(
    `UPDATE delivery SET state = 'dropped', error = 'The turn delivered nothing.', settled_at = ? WHERE id = ?`,
    clock.now(),
    streamed.id,
  );
}

export function addDelivery(context: Context, reply: LooseReply): Delivery {
  const { chatType, thread, ...place } = reply.destination;
  const row = insertDelivery(context, {
    ...(reply.key === null ? {} : { id: `dlv_${base32(digest(context.secret, "delivery", reply.key))}` }),
    to: { ...place, chat_type: chatType, thread: thread ?? "" },
    sessionId: null,
    turnId: null,
    seq: null,
    piece: 1,
    text: reply.text,
    state: "pending",
  });
  return deliveryOf(row);
}

export function takeDeliveries(
  { db, clock }: Context,
  request: Parameters<DeliveryStore["takeDeliveries"]>[0],
): TakenDelivery[] {
  const now = clock.now();
  const due = db.all<DeliveryRow>(
    `SELECT * FROM delivery WHERE due_at <= ? AND ${OTHER_ACCOUNTS} ORDER BY due_at, number LIMIT ?`,
    now,
    accountList(request.besides),
    request.limit,
  );
  return due.map((row) => {
    db.run(
      `UPDATE delivery SET state = 'sending', attempt = attempt + 1, node = ?, due_at = ? WHERE number = ?`,
      request.node,
      now + request.leaseMs,
      row.number,
    );
    const taken = deliveryOf({ ...row, state: "sending", attempt: row.attempt + 1 });
    return { ...taken, ambiguous: row.state === "sending" || row.ambiguous === 1 };
  });
}

export function settleDelivery(
  { db, clock }: Context,
  taken: Pick<Delivery, "id" | "attempt">,
  result: DeliveryResult,
): "settled" | "lost" {
  const now = clock.now();
  const putOff = result.state === "pending" ? result : null;
  const sent = result.state === "sent" ? result : null;
  if (putOff !== null) checkWhole("dueAt", putOff.dueAt);
  // Nobody can erase what belongs to no session, so its words go as soon as nobody needs them.
  const row = db.get<Pick<DeliveryRow, "id" | "lane">>(
    `UPDATE delivery SET state = ?, node = NULL, due_at = ?, error = ?,
       remote_id = CASE WHEN ? THEN NULL ELSE coalesce(?, remote_id) END, ambiguous = ?, pardoned = pardoned + ?,
       settled_at = ?, text = CASE WHEN session_id IS NULL AND ? THEN '' ELSE text END
     WHERE id = ? AND attempt = ? AND state = 'sending' RETURNING id, lane`,
    result.state,
    putOff?.dueAt ?? null,
    result.state === "sent" ? null : result.error,
    Number(putOff?.gone ?? false),
    sent?.remoteId ?? null,
    Number(putOff?.ambiguous ?? false),
    Number(putOff?.counts === false),
    putOff === null ? now : null,
    Number(putOff === null),
    taken.id,
    taken.attempt,
  );
  if (row === undefined) return "lost";
  if (sent !== null) restLane(db, row, sent.restMs ?? 0, now);
  promoteLane(db, row.lane, now);
  return "settled";
}
