import { digest } from "../../core/digest.ts";
import type { InboundMessage } from "../../core/message.ts";
import type { ReceivedMessage } from "../reader.ts";
import type { Command } from "../store.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";

interface ReceiptRow {
  readonly outcome: "message" | "command" | "gone";
  readonly session_id: string | null;
  readonly seq: number | null;
  readonly body: Uint8Array | null;
}

/** What proves that something was received; null when its platform gives it no id. */
export interface Proof {
  readonly hash: Uint8Array;
  readonly body: Uint8Array;
}

/** A receipt's identity is (platform, account, chat, event id); only a keyed hash of it is stored. */
function receiptHash({ secret }: Pick<Context, "secret">, { source, eventId }: Command): Uint8Array | null {
  if (eventId === null) return null;
  return digest(secret, "receipt", source.platform, source.account, source.chat, eventId);
}

export function messageProof(context: Pick<Context, "secret">, message: InboundMessage): Proof | null {
  return proofOf(context, message, receiptHash(context, message));
}

/**
 * The proof of an overheard copy is another one: a platform may send the addressed copy of the same
 * message after it, and that one has to be answered.
 */
export function overheardProof(context: Context, message: InboundMessage): Proof | null {
  const { source, eventId } = message;
  const hash =
    eventId === null ? null : receiptHash(context, { source, eventId: JSON.stringify(["overheard", eventId]) });
  return proofOf(context, message, hash);
}

function proofOf(
  { secret }: Pick<Context, "secret">,
  { text, attachments = [], batch }: InboundMessage,
  hash: Uint8Array | null,
): Proof | null {
  if (hash === null) return null;
  const body = [text, JSON.stringify(attachments), ...(batch === undefined ? [] : [batch])];
  return { hash, body: digest(secret, "body", ...body) };
}

/** What was made of this message when it came before; null when it did not. */
export function receivedMessage(db: Database, proof: Proof): ReceivedMessage | null {
  const row = receipt(db, proof.hash);
  if (row === undefined) return null;
  if (row.outcome === "gone") return { outcome: "gone" };
  const same = row.body !== null && Buffer.compare(row.body, proof.body) === 0;
  if (!same || row.session_id === null || row.seq === null) return { outcome: "conflict" };
  return { outcome: "duplicate", sessionId: row.session_id, seq: row.seq };
}

/** Returns the receipt's number. */
export function giveReceipt(db: Database, proof: Proof, sessionId: string, seq: number, now: number): number {
  return db.insert(
    `INSERT INTO receipt (hash, outcome, session_id, seq, body, created_at) VALUES (?, 'message', ?, ?, ?, ?)`,
    proof.hash,
    sessionId,
    seq,
    proof.body,
    now,
  );
}

/** Tells a command from every other one; null when its platform gives it no id. */
export function commandIdentity(context: Context, command: Command): string | null {
  const hash = receiptHash(context, command);
  return hash === null ? null : Buffer.from(hash).toString("hex");
}

/** Whether this command was carried out before. */
export function receivedCommand(context: Context, command: Command | undefined): boolean {
  return receivedAs(context, command) !== null;
}

/** What was received under the identity of this command; null when nothing was, or it has none. */
export function receivedAs(context: Context, command: Command | undefined): ReceiptRow["outcome"] | null {
  const hash = command === undefined ? null : receiptHash(context, command);
  return hash === null ? null : (receipt(context.db, hash)?.outcome ?? null);
}

export function giveCommandReceipt(context: Context, command: Command | undefined, sessionId: string | null): void {
  const hash = command === undefined ? null : receiptHash(context, command);
  if (hash === null) return;
  context.db.run(
    `INSERT INTO receipt (hash, outcome, session_id, created_at) VALUES (?, 'command', ?, ?)`,
    hash,
    sessionId,
    context.clock.now(),
  );
}

function receipt(db: Database, hash: Uint8Array): ReceiptRow | undefined {
  return db.get<ReceiptRow>(`SELECT outcome, session_id, seq, body FROM receipt WHERE hash = ?`, hash);
}
