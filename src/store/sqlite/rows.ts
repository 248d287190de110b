/** Rows of the tables, and the domain objects they stand for. */
import type { Delivery, DeliveryState } from "../../core/delivery.ts";
import type { Attachment, MessageState } from "../../core/message.ts";
import type { SessionKey } from "../../core/session-key.ts";
import { type ResetReason, type Session, storedSession } from "../../core/session.ts";
import type { ChatType, Source } from "../../core/source.ts";
import type { Entry, Role } from "../../core/transcript.ts";

export interface SessionRow {
  readonly id: string;
  readonly key: SessionKey;
  readonly epoch: number;
  readonly platform: string;
  readonly account: string;
  readonly chat_type: ChatType;
  readonly chat: string;
  readonly thread: string;
  readonly user: string;
  readonly chat_name: string | null;
  readonly user_name: string | null;
  readonly title: string | null;
  readonly started_at: number;
  readonly last_user_message_at: number | null;
  readonly active_at: number;
  readonly last_seq: number;
  readonly reset_reason: ResetReason | null;
  readonly reset_had_activity: number | null;
  readonly ended_at: number | null;
  readonly end_reason: ResetReason | null;
  readonly pinned_at: number | null;
  readonly memory_flushed: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly fence: number;
  readonly claimed_seq: number;
  readonly turn_id: string | null;
  readonly due_at: number | null;
}

export function sessionOf(row: SessionRow): Session {
  return storedSession({
    id: row.id,
    key: row.key,
    epoch: row.epoch,
    source: sourceOf(row),
    title: row.title,
    startedAt: row.started_at,
    lastUserMessageAt: row.last_user_message_at,
    activeAt: row.active_at,
    lastSeq: row.last_seq,
    reset: row.reset_reason === null ? null : { reason: row.reset_reason, hadActivity: row.reset_had_activity === 1 },
    endedAt: row.ended_at,
    endReason: row.end_reason,
    pinnedAt: row.pinned_at,
    memoryFlushed: row.memory_flushed === 1,
    usage: { inputTokens: row.input_tokens, outputTokens: row.output_tokens },
  });
}

function sourceOf(row: SessionRow): Source {
  return {
    platform: row.platform,
    account: row.account,
    chatType: row.chat_type,
    chat: row.chat,
    thread: row.thread === "" ? null : row.thread,
    user: row.user,
    chatName: row.chat_name,
    userName: row.user_name,
  };
}

/** What `entryOf` needs of the table `message AS m`. */
export const ENTRY_COLUMNS = `m.*, CASE m.role WHEN 'user' THEN (SELECT reason FROM turn WHERE id = m.turn_id) END AS reason`;

export interface MessageRow {
  readonly number: number;
  readonly session_id: string;
  readonly seq: number;
  readonly role: Role;
  readonly state: MessageState | "said";
  readonly text: string;
  readonly attachments: string | null;
  readonly sender_id: string | null;
  readonly sender_name: string | null;
  readonly turn_id: string | null;
  readonly reason: string | null;
  readonly sent_at: number | null;
  readonly follows: number | null;
  readonly created_at: number;
}

export function entryOf(row: MessageRow): Entry {
  return {
    sessionId: row.session_id,
    seq: row.seq,
    role: row.role,
    text: row.text,
    attachments: row.attachments === null ? [] : (JSON.parse(row.attachments) as Attachment[]),
    state: row.state,
    sender: row.sender_id === null ? null : { id: row.sender_id, name: row.sender_name },
    turnId: row.turn_id,
    reason: row.reason,
    follows: row.follows,
    sentAt: row.sent_at ?? row.created_at,
    createdAt: row.created_at,
  };
}

export interface DeliveryRow {
  readonly number: number;
  readonly id: string;
  readonly lane: string;
  readonly session_id: string | null;
  readonly turn_id: string | null;
  readonly seq: number | null;
  readonly platform: string;
  readonly account: string;
  readonly chat_type: ChatType;
  readonly chat: string;
  readonly thread: string;
  readonly user: string;
  readonly text: string;
  readonly state: DeliveryState;
  readonly attempt: number;
  readonly pardoned: number;
  readonly remote_id: string | null;
  readonly error: string | null;
  readonly ambiguous: 0 | 1;
  readonly created_at: number;
}

export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    sessionId: row.session_id,
    turnId: row.turn_id,
    seq: row.seq,
    destination: {
      platform: row.platform,
      account: row.account,
      chatType: row.chat_type,
      chat: row.chat,
      thread: row.thread === "" ? null : row.thread,
      user: row.user,
    },
    text: row.text,
    state: row.state,
    attempt: row.attempt,
    pardoned: row.pardoned,
    remoteId: row.remote_id,
    error: row.error,
    createdAt: row.created_at,
  };
}

/** Replies with equal lanes are sent one after the other. */
export function deliveryLane({
  platform,
  account,
  chat,
  thread,
}: Pick<DeliveryRow, "platform" | "account" | "chat" | "thread">): string {
  return JSON.stringify([platform, account, chat, thread]);
}
