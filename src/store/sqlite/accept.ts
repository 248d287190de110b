/**
 * The way a message comes in. Receipt, end of an overdue life, session row, message, search index
 * and events are one transaction; BEGIN IMMEDIATE makes every other writer, in this process or
 * another, wait until it is over, so that what was read here still holds when it is written.
 */
import { type InboundMessage, checkMessage } from "../../core/message.ts";
import type { SessionKey } from "../../core/session-key.ts";
import type { AcceptOutcome, OverhearOutcome } from "../store.ts";
import { type Context, keyOf, overdue } from "./context.ts";
import { busyPolicy, joinedDueAt, overflow } from "./lane.ts";
import { bear, draftOf, endOverdue, liveRow } from "./lives.ts";
import { type Proof, giveReceipt, messageProof, overheardProof, receivedMessage } from "./receipts.ts";
import { type SessionRow, sessionOf } from "./rows.ts";
import { appendEntry } from "./transcript-writer.ts";

interface Arrival {
  readonly message: InboundMessage;
  readonly key: SessionKey;
  readonly proof: Proof | null;
}

/** What can be worked out before the transaction begins. */
function arrivalOf(context: Context, unchecked: InboundMessage): Arrival {
  const message = checkMessage(unchecked);
  return { message, key: keyOf(context, message.source), proof: messageProof(context, message) };
}

/** Checks the message and returns the write that accepts it. */
export function acceptance(context: Context, unchecked: InboundMessage): () => AcceptOutcome {
  const arrival = arrivalOf(context, unchecked);
  return () => accept(context, arrival);
}

function accept(context: Context, arrival: Arrival): AcceptOutcome {
  const { message, key, proof } = arrival;
  const before = proof === null ? null : receivedMessage(context.db, proof);
  if (before !== null) return before;
  const now = context.clock.now();
  const live = endOverdue(context, key, now);
  const waiting = live === undefined ? null : overflow(context, busyPolicy(context, live), live);
  if (live !== undefined && waiting !== null) return { outcome: "full", sessionId: live.id, waiting };
  const row = live === undefined ? open(context, message, now) : speakIn(context, live, message, now);
  append(context, row, arrival, "waiting", now);
  return { outcome: "accepted", session: sessionOf(row), seq: row.last_seq, opened: live === undefined };
}

function open(context: Context, { source }: InboundMessage, now: number): SessionRow {
  const draft = draftOf(context, source, now);
  bear(context, draft, true, now);
  const row = liveRow(context, draft.key);
  if (row === undefined) throw new Error(`session ${draft.id} was inserted and is not there`);
  return row;
}

function speakIn(context: Context, live: SessionRow, { source }: InboundMessage, now: number): SessionRow {
  const dueAt = joinedDueAt(context, busyPolicy(context, live), live, now);
  // In place: nobody else holds the row, and a copy of one costs as much as reading it did.
  const row: SessionRow = Object.assign(live, {
    last_seq: live.last_seq + 1,
    last_user_message_at: now,
    active_at: now,
    due_at: dueAt,
    chat_name: source.chatName ?? live.chat_name,
  });
  context.db.run(
    `UPDATE session SET last_seq = ?, last_user_message_at = ?, active_at = ?, due_at = ?, chat_name = ? WHERE id = ?`,
    row.last_seq,
    row.last_user_message_at,
    row.active_at,
    row.due_at,
    row.chat_name,
    row.id,
  );
  return row;
}

/** Checks the message and returns the write that overhears it. */
export function overhearing(context: Context, unchecked: InboundMessage): () => OverhearOutcome {
  const addressed = arrivalOf(context, unchecked);
  const overheard = { ...addressed, proof: overheardProof(context, addressed.message) };
  return () => overhear(context, overheard, addressed.proof);
}

function overhear(context: Context, arrival: Arrival, addressed: Proof | null): OverhearOutcome {
  const { db } = context;
  const now = context.clock.now();
  const live = liveRow(context, arrival.key);
  if (live === undefined || overdue(context, live, now) !== null) return { outcome: "ignored" };
  for (const proof of [addressed, arrival.proof]) {
    const before = proof === null ? null : receivedMessage(db, proof);
    if (before !== null) return before;
  }
  const row = { ...live, last_seq: live.last_seq + 1 };
  db.run(`UPDATE session SET last_seq = ? WHERE id = ?`, row.last_seq, row.id);
  append(context, row, arrival, "overheard", now);
  return { outcome: "overheard", sessionId: row.id, seq: row.last_seq };
}

function append(
  context: Context,
  row: SessionRow,
  arrival: Arrival,
  state: "waiting" | "overheard",
  now: number,
): void {
  const { message, proof } = arrival;
  const receipt = proof === null ? null : giveReceipt(context.db, proof, row.id, row.last_seq, now);
  appendEntry(
    context.db,
    {
      sessionId: row.id,
      seq: row.last_seq,
      role: "user",
      state,
      text: message.text,
      attachments: message.attachments ?? [],
      sender: { id: message.source.user, name: message.source.userName },
      turnId: null,
      ...(message.sentAt === undefined ? {} : { sentAt: Math.min(message.sentAt, now) }),
      createdAt: now,
    },
    receipt,
  );
}
