/**
 * Questions. That one is withdrawn when its attempt ends is a trigger of the schema, so that no way to end a turn
 * can forget it.
 */
import {
  type Choice,
  type Question,
  type QuestionState,
  choiceOf,
  chosenText,
  mayBeChoice,
  questionText,
} from "../../core/question.ts";
import type { Lease } from "../../core/turn.ts";
import type { AnswerOutcome, AskOutcome, QuestionRef, QuestionStore } from "../question-store.ts";
import type { Command } from "../store.ts";
import { checkWhole } from "./check-whole.ts";
import { type Context, keyOf } from "./context.ts";
import type { Database } from "./database.ts";
import { insertDelivery } from "./delivery-writer.ts";
import { held } from "./held.ts";
import { liveRow, sessionRow } from "./lives.ts";
import { giveCommandReceipt, receivedAs } from "./receipts.ts";
import type { SessionRow } from "./rows.ts";
import { appendEntry } from "./transcript-writer.ts";

interface QuestionRow {
  readonly id: string;
  readonly session_id: string;
  readonly turn_id: string;
  readonly seq: number;
  readonly text: string;
  readonly choices: string;
  readonly state: QuestionState;
  readonly choice: string | null;
  readonly answer_seq: number | null;
  readonly answered_by: string | null;
  readonly asked_at: number;
  readonly expires_at: number;
}

/** The question of a running turn that is asked; one of the turn's before it is withdrawn. */
export function askQuestion(
  context: Context,
  lease: Lease,
  { id, text, choices, pieces, expiresAt }: Parameters<QuestionStore["askQuestion"]>[1],
): AskOutcome {
  checkWhole("expiresAt", expiresAt);
  const row = held(context, lease);
  if (row === undefined) return { outcome: "lost" };
  const before = readQuestion(context.db, id);
  if (before !== null) return { outcome: "asked", question: before };
  const { db, clock } = context;
  const now = clock.now();
  db.run(`UPDATE question SET state = 'withdrawn' WHERE turn_id = ? AND state = 'open'`, lease.turnId);
  const seq = notice(context, row, lease.turnId, questionText({ text, choices }), now);
  const asked = db.get<QuestionRow>(
    `INSERT INTO question (id, session_id, turn_id, seq, text, choices, state, asked_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?) RETURNING *`,
    id,
    row.id,
    lease.turnId,
    seq,
    text,
    JSON.stringify(choices.map((choice): Choice => ({ id: choice.id, label: choice.label }))),
    now,
    expiresAt,
  );
  if (asked === undefined) throw new Error("a question was inserted and is not there");
  for (const [index, piece] of pieces.entries()) {
    const delivery = { to: row, sessionId: row.id, turnId: lease.turnId, seq, piece: index + 1, text: piece };
    insertDelivery(context, { ...delivery, state: "pending" });
  }
  return { outcome: "asked", question: questionOf(asked) };
}

/**
 * Whether it is worth a transaction to try: most messages answer nothing, and are not to wait for a second one.
 * What is found here is looked at again by the write.
 */
export function mayAnswer(context: Context, ref: QuestionRef, typed: string, command: Command | undefined): boolean {
  if (!mayBeChoice(typed)) return false;
  return openRow(context, ref) !== undefined || receivedAs(context, command) === "command";
}

export function answerQuestion(
  context: Context,
  ref: QuestionRef,
  { by, choice: typed }: { readonly by: string | null; readonly choice: string },
  command: Command | undefined,
): AnswerOutcome {
  const received = receivedAs(context, command);
  if (received !== null) return { outcome: received === "command" ? "duplicate" : "none" };
  const now = context.clock.now();
  const open = openRow(context, ref);
  if (open === undefined || open.expires_at <= now) return { outcome: "none" };
  const choice = choiceOf(questionOf(open).choices, typed);
  if (choice === null || !mayDecide(context, open, by)) return { outcome: "unfit" };
  const row = sessionRow(context, open.session_id);
  if (row === undefined) throw new Error(`question ${open.id} belongs to no session; run \`parlor doctor\``);
  const answered = context.db.get<QuestionRow>(
    `UPDATE question SET state = 'answered', choice = ?, answer_seq = ?, answered_by = ? WHERE id = ? RETURNING *`,
    choice.id,
    notice(context, row, open.turn_id, chosenText(choice), now),
    by,
    open.id,
  );
  if (answered === undefined) throw new Error("a question was answered and is not there");
  giveCommandReceipt(context, command, row.id);
  return { outcome: "answered", question: questionOf(answered) };
}

export function expireQuestion({ db }: Context, id: string): Question | null {
  db.run(`UPDATE question SET state = 'expired' WHERE id = ? AND state = 'open'`, id);
  return readQuestion(db, id);
}

export function readQuestion(db: Database, id: string): Question | null {
  const row = db.get<QuestionRow>(`SELECT * FROM question WHERE id = ?`, id);
  return row === undefined ? null : questionOf(row);
}

export function readOpenQuestion(db: Database, sessionId: string): Question | null {
  const row = db.get<QuestionRow>(`SELECT * FROM question WHERE session_id = ? AND state = 'open'`, sessionId);
  return row === undefined ? null : questionOf(row);
}

function openRow(context: Context, ref: QuestionRef): QuestionRow | undefined {
  const { db } = context;
  if ("questionId" in ref) {
    return db.get<QuestionRow>(`SELECT * FROM question WHERE id = ? AND state = 'open'`, ref.questionId);
  }
  const live = liveRow(context, keyOf(context, ref.source));
  if (live === undefined) return undefined;
  return db.get<QuestionRow>(`SELECT * FROM question WHERE session_id = ? AND state = 'open'`, live.id);
}

/** The operator, and whoever wrote one of the messages that the turn answers. */
function mayDecide(
  { db }: Context,
  { session_id: sessionId, turn_id: turnId }: QuestionRow,
  by: string | null,
): boolean {
  if (by === null) return true;
  const asked = db.get(
    `SELECT 1 FROM message WHERE session_id = ? AND turn_id = ? AND sender_id = ?
       AND seq BETWEEN (SELECT first_seq FROM turn WHERE id = ?) AND (SELECT last_seq FROM turn WHERE id = ?) LIMIT 1`,
    sessionId,
    turnId,
    by,
    turnId,
    turnId,
  );
  return asked !== undefined;
}

/** Adds a line of Parlor's own to a turn that goes on, and returns its number. */
function notice({ db }: Context, row: SessionRow, turnId: string, text: string, now: number): number {
  const seq = row.last_seq + 1;
  appendEntry(db, {
    sessionId: row.id,
    seq,
    role: "notice",
    text,
    attachments: [],
    state: "said",
    sender: null,
    turnId,
    createdAt: now,
  });
  db.run(`UPDATE session SET last_seq = ?, active_at = ? WHERE id = ?`, seq, now, row.id);
  return seq;
}

function questionOf(row: QuestionRow): Question {
  return {
    id: row.id,
    sessionId: row.session_id,
    turnId: row.turn_id,
    seq: row.seq,
    text: row.text,
    choices: JSON.parse(row.choices) as Choice[],
    state: row.state,
    choice: row.choice,
    answerSeq: row.answer_seq,
    answeredBy: row.answered_by,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
  };
}
