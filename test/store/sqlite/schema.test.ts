import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { messageOf } from "../../../src/testing/sources.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

const SESSION: Readonly<Record<string, SQLInputValue>> = {
  id: "ses_1",
  key: "key",
  epoch: 1,
  platform: "test",
  account: "default",
  chat_type: "thread",
  chat: "lobby",
  thread: "thread-1",
  user: "ada",
  started_at: 1,
  active_at: 1,
  last_seq: 1,
};

const ROUTING = ["key", "epoch", "platform", "account", "chat_type", "chat", "thread", "user"];

describe("the schema", () => {
  let path: string;

  beforeEach(async () => {
    path = newPath();
    await using _made = await openSqliteStore({ path });
  });

  function insert(db: DatabaseSync, row: Readonly<Record<string, SQLInputValue>>): void {
    const columns = Object.keys(row);
    db.prepare(`INSERT INTO session (${columns.join()}) VALUES (${columns.map(() => "?").join()})`).run(
      ...Object.values(row),
    );
  }

  /** Refuses the row that differs from a good one by this. */
  function refuses(change: Readonly<Record<string, SQLInputValue>>, why: RegExp): void {
    using db = openRaw(path);
    assert.throws(() => insert(db, { ...SESSION, ...change }), why, JSON.stringify(change));
    assert.equal(valueOf(db, "SELECT count(*) FROM session"), 0);
  }

  it("takes the row that the refused ones differ from", () => {
    using db = openRaw(path);
    insert(db, SESSION);
    assert.equal(valueOf(db, "SELECT count(*) FROM session"), 1);
  });

  for (const column of ["id", ...ROUTING, "started_at", "active_at", "last_seq"]) {
    it(`refuses a session without ${column}`, () => {
      refuses({ [column]: null }, new RegExp(`NOT NULL constraint failed: session\\.${column}|CHECK`));
      using db = openRaw(path);
      const { [column]: _left, ...rest } = SESSION;
      assert.throws(() => insert(db, rest), /NOT NULL|CHECK/);
    });
  }

  for (const column of ROUTING.filter((name) => name !== "epoch")) {
    it(`refuses a session with an empty ${column}`, () => refuses({ [column]: "" }, /CHECK/));
  }

  it("refuses a session with a chat type nobody knows, and an epoch before the first", () => {
    refuses({ chat_type: "lounge" }, /CHECK/);
    refuses({ epoch: 0 }, /CHECK/);
  });

  it("refuses a thread outside a chat of that type", () => refuses({ chat_type: "dm" }, /CHECK/));

  it("refuses a row in which nothing was said and which nobody pinned", () => refuses({ last_seq: 0 }, /CHECK/));

  it("refuses a time at which an ended session is due", () => {
    refuses({ ended_at: 2, end_reason: "idle", due_at: 3 }, /CHECK/);
  });

  it("refuses an end without a reason, and a reason without an end", () => {
    refuses({ ended_at: 2 }, /CHECK/);
    refuses({ end_reason: "idle" }, /CHECK/);
  });

  it("refuses a second live session of a key, and takes one that has ended", () => {
    using db = openRaw(path);
    insert(db, SESSION);
    assert.throws(() => insert(db, { ...SESSION, id: "ses_2", epoch: 2 }), /UNIQUE constraint failed/);
    insert(db, { ...SESSION, id: "ses_2", epoch: 2, ended_at: 2, end_reason: "idle" });
    assert.throws(() => db.exec("UPDATE session SET ended_at = NULL, end_reason = NULL"), /UNIQUE constraint failed/);
  });

  it("refuses an epoch of a key that was given before", () => {
    using db = openRaw(path);
    const ended = { ended_at: 2, end_reason: "idle" };
    insert(db, { ...SESSION, ...ended });
    assert.throws(
      () => insert(db, { ...SESSION, ...ended, id: "ses_2" }),
      /UNIQUE constraint failed: session\.key, session\.epoch/,
    );
  });

  it("refuses a sequence number of a session that was given before", async () => {
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("hello"));
    using db = openRaw(path);
    const again = `INSERT INTO message (session_id, seq, role, state, text, sender_id, created_at)
      SELECT session_id, seq, role, state, text, sender_id, created_at FROM message`;
    assert.throws(() => db.exec(again), /UNIQUE constraint failed: message\.session_id, message\.seq/);
  });

  it("refuses a message of a session that is not stored, on the connection that the store writes with", async () => {
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("hello"));
    using db = openRaw(path);
    db.exec("PRAGMA foreign_keys = ON");
    assert.throws(() => db.exec("UPDATE message SET session_id = 'ses_none'"), /FOREIGN KEY/);
    assert.throws(() => db.exec("DELETE FROM session"), /FOREIGN KEY/);
  });

  it("refuses a second receipt for one identity", async () => {
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("hello"));
    using db = openRaw(path);
    const again = `INSERT INTO receipt (hash, outcome, session_id, seq, body, created_at)
      SELECT hash, outcome, session_id, seq, body, created_at FROM receipt`;
    assert.throws(() => db.exec(again), /UNIQUE constraint failed: receipt\.hash/);
  });
});
