/**
 * What the holder of a turn may do with it. Every verb first looks for the session row with the
 * holder's fence; when a newer claim, a cancel, a reset or an erasure has raised it, nothing happens.
 */
import type { Lease } from "../../core/turn.ts";
import type { TurnRef } from "../repair-store.ts";
import type { Command, SessionRef } from "../store.ts";
import type { CancelOutcome, CommitOutcome, OpenOutcome, TurnFailure, TurnResult } from "../turn-store.ts";
import { checkWhole } from "./check-whole.ts";
import { type Context, keyOf } from "./context.ts";
import { insertDelivery, isLaneBusy, openDeliveryOf, restOpenDelivery } from "./delivery-writer.ts";
import { held } from "./held.ts";
import { interruptible } from "./interrupt.ts";
import { busyPolicy, cancelLane, nextDueAt } from "./lane.ts";
import { recordEvent } from "./lifecycle-events.ts";
import { isErased, liveRow, sessionRow } from "./lives.ts";
import { releaseLeasesOf } from "./named-leases.ts";
import { giveCommandReceipt, receivedCommand } from "./receipts.ts";
import { type SessionRow, deliveryOf } from "./rows.ts";
import { say } from "./say.ts";

export function renewLease(context: Context, lease: Lease, leaseMs: number): "renewed" | "interrupt" | "lost" {
  const row = context.db.get<SessionRow>(
    `UPDATE session SET due_at = ? WHERE id = ? AND fence = ? AND turn_id = ? RETURNING *`,
    context.clock.now() + leaseMs,
    lease.sessionId,
    lease.fence,
    lease.turnId,
  );
  if (row === undefined) return "lost";
  const isInterrupted = busyPolicy(context, row).mode === "interrupt" && interruptible(context.db, row) !== null;
  return isInterrupted ? "interrupt" : "renewed";
}

export function openDelivery(context: Context, lease: Lease): OpenOutcome {
  const row = held(context, lease);
  if (row === undefined) return { outcome: "lost" };
  const open = openDeliveryOf(context, lease.turnId);
  if (open !== undefined) return { outcome: "opened", delivery: deliveryOf(open), isNew: false };
  if (isLaneBusy(context, row)) return { outcome: "behind" };
  const opened = insertDelivery(context, {
    to: row,
    sessionId: row.id,
    turnId: lease.turnId,
    seq: null,
    piece: 1,
    text: "",
    state: "open",
  });
  return { outcome: "opened", delivery: deliveryOf(opened), isNew: true };
}

export function recordPost(context: Context, lease: Lease, remoteId: string): "recorded" | "lost" {
  if (held(context, lease) === undefined) return "lost";
  const changed = context.db.run(
    `UPDATE delivery SET remote_id = ? WHERE turn_id = ? AND state = 'open'`,
    remoteId,
    lease.turnId,
  );
  return changed === 1 ? "recorded" : "lost";
}

export function commitTurn(context: Context, lease: Lease, result: TurnResult): CommitOutcome {
  const row = held(context, lease);
  if (row === undefined) return { outcome: "lost" };
  const { db } = context;
  const now = context.clock.now();
  const entries = say(context, row, lease.turnId, result.entries, now, result.restMs);
  endTurn(context, row, lease.turnId, "done", now);
  const { usage } = result;
  if (usage !== undefined) {
    checkWhole("inputTokens", usage.inputTokens);
    checkWhole("outputTokens", usage.outputTokens);
    db.run(
      `UPDATE session SET input_tokens = input_tokens + ?, output_tokens = output_tokens + ? WHERE id = ?`,
      usage.inputTokens,
      usage.outputTokens,
      row.id,
    );
    db.run(
      `INSERT INTO usage (session_id, turn_id, platform, model, input_tokens, output_tokens, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      row.id,
      lease.turnId,
      row.platform,
      usage.model,
      usage.inputTokens,
      usage.outputTokens,
      now,
    );
  }
  return { outcome: "committed", entries };
}

export function failTurn(context: Context, lease: Lease, failure: TurnFailure): "retrying" | "dead" | "lost" {
  const row = held(context, lease);
  if (row === undefined) return "lost";
  const { db } = context;
  const now = context.clock.now();
  db.run(`UPDATE turn SET reason = ? WHERE id = ?`, failure.reason, lease.turnId);
  if (failure.retryAt !== null) {
    checkWhole("retryAt", failure.retryAt);
    const refunded = failure.counts === false ? 1 : 0;
    db.run(
      `UPDATE turn SET state = 'retrying', node = NULL, attempt = attempt - ? WHERE id = ?`,
      refunded,
      lease.turnId,
    );
    db.run(`UPDATE session SET fence = fence + 1, due_at = ? WHERE id = ?`, failure.retryAt, row.id);
    restOpenDelivery(context, lease.turnId, failure.restMs ?? 0);
    return "retrying";
  }
  const { notice, pieces, restMs } = failure;
  say(context, row, lease.turnId, [{ role: "notice", text: notice, pieces }], now, restMs);
  endTurn(context, row, lease.turnId, "dead", now);
  return "dead";
}

function endTurn(context: Context, row: SessionRow, turnId: string, outcome: "done" | "dead", now: number): void {
  const { db } = context;
  db.run(
    `UPDATE message SET state = ? WHERE session_id = ? AND turn_id = ? AND state = 'running'
       AND seq BETWEEN (SELECT first_seq FROM turn WHERE id = ?) AND (SELECT last_seq FROM turn WHERE id = ?)`,
    outcome === "done" ? "answered" : "dead",
    row.id,
    turnId,
    turnId,
    turnId,
  );
  db.run(`UPDATE turn SET state = ?, node = NULL, ended_at = ? WHERE id = ?`, outcome, now, turnId);
  db.run(`UPDATE session SET turn_id = NULL, due_at = ? WHERE id = ?`, nextDueAt(context, row, now), row.id);
  recordEvent(db, row.id, { type: "turn:end", turnId, outcome }, now);
}

export function cancelTurn(context: Context, ref: SessionRef | TurnRef, command: Command | undefined): CancelOutcome {
  if (receivedCommand(context, command)) return { outcome: "duplicate" };
  const row = rowOf(context, ref);
  if (row === undefined) {
    return {
      outcome: "source" in ref ? "idle" : "sessionId" in ref && isErased(context, ref.sessionId) ? "gone" : "missing",
    };
  }
  if ("turnId" in ref && row.turn_id !== ref.turnId) return { outcome: "idle" };
  const cancelled = cancelLane(context, row, context.clock.now());
  if (cancelled.turnId === null && cancelled.messages === 0) return { outcome: "idle" };
  giveCommandReceipt(context, command, row.id);
  return { outcome: "cancelled", ...cancelled };
}

function rowOf(context: Context, ref: SessionRef | TurnRef): SessionRow | undefined {
  if ("source" in ref) return liveRow(context, keyOf(context, ref.source));
  if ("sessionId" in ref) return sessionRow(context, ref.sessionId);
  return context.db.get<SessionRow>(
    `SELECT session.* FROM turn JOIN session ON session.id = session_id WHERE turn.id = ?`,
    ref.turnId,
  );
}

export function leaseholders({ db, clock }: Context): string[] {
  const now = clock.now();
  return db
    .all<{ node: string }>(
      `SELECT node FROM turn JOIN session ON session.id = session_id AND session.turn_id = turn.id
         WHERE node IS NOT NULL AND due_at > ?
       UNION SELECT node FROM delivery WHERE state = 'sending' AND due_at > ?
       UNION SELECT holder FROM named_lease WHERE until > ?`,
      now,
      now,
      now,
    )
    .map(({ node }) => node);
}

export function releaseNode(context: Context, node: string): void {
  const { db, clock } = context;
  const now = clock.now();
  releaseLeasesOf(context, node);
  db.run(
    `UPDATE session SET due_at = ?, fence = fence + 1 WHERE due_at > ? AND turn_id IN (SELECT id FROM turn WHERE node = ?)`,
    now,
    now,
    node,
  );
  db.run(`UPDATE delivery SET due_at = ? WHERE due_at > ? AND state = 'sending' AND node = ?`, now, now, node);
}
