import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DatabaseSync } from "node:sqlite";
import { canDeliveryBecome, DELIVERY_STATES, type DeliveryState } from "../../../src/core/delivery.ts";
import { canBecome, MESSAGE_STATES } from "../../../src/core/message.ts";
import { canQuestionBecome, QUESTION_STATES, type QuestionState } from "../../../src/core/question.ts";
import { canTurnBecome, TURN_STATES, type TurnState } from "../../../src/core/turn.ts";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { messageOf } from "../../../src/testing/sources.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

/** A database with one message, and the connection to try things on. */
async function openDatabase(): Promise<DatabaseSync & Disposable> {
  const path = newPath();
  await using store = await openSqliteStore({ path });
  await store.accept(messageOf("hello"));
  return openRaw(path);
}

/** Whether the row may be updated to what it says. */
function isAllowed(db: DatabaseSync, update: string): boolean {
  try {
    assert.equal(db.prepare(update).run().changes, 1);
    return true;
  } catch (error) {
    assert.match(String(error), /cannot go from this state to that one/);
    return false;
  }
}

/** Plays `to` on a row that stands at `from`, and takes both back. */
function played(db: DatabaseSync, stand: string, update: string): boolean {
  db.exec("SAVEPOINT pair; PRAGMA defer_foreign_keys = ON");
  try {
    db.exec(stand);
    return isAllowed(db, update);
  } finally {
    db.exec("ROLLBACK TO pair; RELEASE pair");
  }
}

const MESSAGE = `INSERT INTO message (session_id, seq, role, state, text, sender_id, created_at)
  SELECT id, 2, 'user', '%', 'x', 'ada', 1 FROM session`;

function turnAt(state: TurnState): string {
  const isOver = state !== "running" && state !== "retrying";
  const node = state === "running" ? "'node-a'" : "NULL";
  return `INSERT INTO turn (id, session_id, state, attempt, first, first_seq, last_seq, node, started_at, ended_at)
    SELECT 'trn', id, '${state}', 1, 1, 1, 1, ${node}, 1, ${isOver ? "1" : "NULL"} FROM session`;
}

function turnTo(state: TurnState): string {
  const isOver = state !== "running" && state !== "retrying";
  const node = state === "running" ? "'node-a'" : "NULL";
  return `UPDATE turn SET state = '${state}', node = ${node}, ended_at = ${isOver ? "1" : "NULL"}`;
}

function questionAt(state: QuestionState): string {
  const choice = state === "answered" ? "'yes'" : "NULL";
  const answerSeq = state === "answered" ? "2" : "NULL";
  return `INSERT INTO question (id, session_id, turn_id, seq, text, choices, state, choice, answer_seq, asked_at, expires_at)
    SELECT 'qst', id, 'trn', 1, 'x', '[]', '${state}', ${choice}, ${answerSeq}, 1, 2 FROM session`;
}

function questionTo(state: QuestionState): string {
  const [choice, answerSeq] = state === "answered" ? ["'yes'", "2"] : ["NULL", "NULL"];
  return `UPDATE question SET state = '${state}', choice = ${choice}, answer_seq = ${answerSeq}`;
}

function deliveryColumns(state: DeliveryState): { readonly node: string; readonly settledAt: string } {
  const isSettled = !["open", "pending", "sending"].includes(state);
  return { node: state === "sending" ? "'node-a'" : "NULL", settledAt: isSettled ? "1" : "NULL" };
}

function deliveryAt(state: DeliveryState): string {
  const { node, settledAt } = deliveryColumns(state);
  return `INSERT INTO delivery (id, lane, platform, account, chat_type, chat, thread, user, text, state, node, created_at, settled_at)
    VALUES ('dlv', 'lane', 'test', 'a', 'dm', 'ada', '', 'ada', 'x', '${state}', ${node}, 1, ${settledAt})`;
}

function deliveryTo(state: DeliveryState): string {
  const { node, settledAt } = deliveryColumns(state);
  return `UPDATE delivery SET state = '${state}', node = ${node}, settled_at = ${settledAt}`;
}

describe("the database holds the state machines", () => {
  it("of a message, as core/message.ts says", async () => {
    using db = await openDatabase();
    for (const from of MESSAGE_STATES) {
      for (const to of MESSAGE_STATES) {
        const update = `UPDATE message SET state = '${to}' WHERE seq = 2`;
        assert.equal(played(db, MESSAGE.replace("%", from), update), canBecome(from, to), `${from} → ${to}`);
      }
    }
  });

  it("of a turn, as core/turn.ts says", async () => {
    using db = await openDatabase();
    for (const from of TURN_STATES) {
      for (const to of TURN_STATES) {
        assert.equal(played(db, turnAt(from), turnTo(to)), canTurnBecome(from, to), `${from} → ${to}`);
      }
    }
  });

  it("of a delivery, as core/delivery.ts says", async () => {
    using db = await openDatabase();
    for (const from of DELIVERY_STATES) {
      for (const to of DELIVERY_STATES) {
        assert.equal(played(db, deliveryAt(from), deliveryTo(to)), canDeliveryBecome(from, to), `${from} → ${to}`);
      }
    }
  });

  it("of a question, as core/question.ts says", async () => {
    using db = await openDatabase();
    for (const from of QUESTION_STATES) {
      for (const to of QUESTION_STATES) {
        assert.equal(played(db, questionAt(from), questionTo(to)), canQuestionBecome(from, to), `${from} → ${to}`);
      }
    }
  });

  it("and withdraws the open question of a turn whatever becomes of that, and no other", async () => {
    using db = await openDatabase();
    for (const to of TURN_STATES) {
      for (const state of QUESTION_STATES) {
        db.exec("SAVEPOINT pair");
        db.exec(turnAt("running"));
        db.exec(questionAt(state));
        db.exec(turnTo(to));
        const left = state === "open" ? "withdrawn" : state;
        assert.equal(valueOf(db, "SELECT state FROM question"), left, `${state}, turn ${to}`);
        db.exec("ROLLBACK TO pair; RELEASE pair");
      }
    }
  });

  it("and no state of a message for what the agent said", async () => {
    using db = await openDatabase();
    const said = `INSERT INTO message (session_id, seq, role, state, text, created_at)
      SELECT id, 2, 'assistant', 'said', 'x', 1 FROM session`;
    for (const state of MESSAGE_STATES) {
      db.exec("SAVEPOINT said");
      db.exec(said);
      assert.throws(() => db.exec(`UPDATE message SET state = '${state}' WHERE seq = 2`), /CHECK|cannot go/, state);
      db.exec("ROLLBACK TO said; RELEASE said");
    }
    assert.equal(valueOf(db, "SELECT count(*) FROM message"), 1);
  });
});
