/** For every check of `verify` the ways in which a database can break its rule. */
import {
  change,
  damage,
  entry,
  lane,
  misstated,
  type PlantedDefect,
  plantIn,
  session,
  withoutConstraint,
} from "./plant.ts";
import { PLANTED_QUESTIONS } from "./planted-questions.ts";
import { PLANTED_INTERRUPTIONS, PLANTED_RETRIES } from "./planted-retries.ts";
import { valueOf } from "./scratch.ts";

export const PLANTED: readonly PlantedDefect[] = [
  {
    check: "no-ghost",
    defect: "a row that nobody pinned and nobody spoke in",
    plant: (db) => {
      change(db, `UPDATE session SET pinned_at = NULL WHERE user = 'pinned'`);
      return session(db, "pinned");
    },
  },
  {
    check: "no-orphan",
    defect: "a reply of a session that is not there",
    plant: (db) => plantIn(db, "delivery", "user = 'command'", "session_id = 'ses_none'"),
  },
  {
    check: "no-orphan",
    defect: "a turn of a session that is not there",
    plant: (db) => plantIn(db, "turn", "state = 'cancelled'", "session_id = 'ses_none'"),
    also: ["references"],
  },
  {
    check: "no-orphan",
    defect: "an entry of a session that is not there",
    plant: (db) => {
      const number = String(valueOf(db, `SELECT number FROM message WHERE state = 'overheard'`));
      change(db, `UPDATE message SET session_id = 'ses_none' WHERE number = ${number}`);
      return `entry ${number}`;
    },
    also: ["gapless", "receipts", "references"],
  },
  {
    check: "gapless",
    defect: "a number at the end that no entry has",
    plant: (db) => plantIn(db, "session", "user = 'dead'", "last_seq = last_seq + 1"),
  },
  {
    check: "gapless",
    defect: "an entry that is missing in the middle",
    plant: (db) => {
      const where = `session_id = '${session(db, "dead")}' AND seq = 2`;
      change(db, `DELETE FROM message_fts WHERE rowid = (SELECT number FROM message WHERE ${where})`);
      change(db, `DELETE FROM message WHERE ${where}`);
      return session(db, "dead");
    },
  },
  {
    check: "one-live",
    defect: "two live sessions of one key",
    plant: (db) => {
      db.exec(`DROP INDEX session_live`);
      change(db, `UPDATE session SET ended_at = NULL, end_reason = NULL WHERE user = 'reset' AND epoch = 2`);
      return String(valueOf(db, `SELECT min(id) FROM session WHERE user = 'reset' AND ended_at IS NULL`));
    },
  },
  {
    check: "epochs",
    defect: "a stored session whose id was erased",
    plant: (db) => {
      const id = session(db, "dead");
      change(db, `INSERT INTO tombstone (id, key_hash, epoch, erased_at) VALUES ('${id}', x'00', 1, 1)`);
      return id;
    },
  },
  {
    check: "epochs",
    defect: "one epoch of a key given twice",
    plant: (db) => {
      withoutConstraint(db, "session", "UNIQUE (key, epoch)", "key, epoch");
      change(db, `UPDATE session SET epoch = 2 WHERE user = 'reset' AND epoch = 1`);
      return String(valueOf(db, `SELECT min(id) FROM session WHERE user = 'reset' AND epoch = 2`));
    },
    also: ["identity"],
  },
  {
    check: "receipts",
    defect: "a receipt of a message that is not there",
    plant: (db) => {
      const number = String(valueOf(db, `SELECT min(number) FROM receipt WHERE outcome = 'message'`));
      change(db, `UPDATE receipt SET seq = 999 WHERE number = ${number}`);
      return `receipt ${number}`;
    },
  },
  misstated("a waiting message that a claim has passed by", "waiting", {
    where: `session_id IN (SELECT id FROM session WHERE user = 'running')`,
    instead: `UPDATE session SET claimed_seq = last_seq WHERE user = 'running'`,
  }),
  misstated("a running message without a turn", "running", { set: `turn_id = NULL` }),
  misstated("a running message of a turn that is done", "running", {
    where: `session_id IN (SELECT id FROM session WHERE user = 'running')`,
    set: `turn_id = (SELECT id FROM turn WHERE state = 'done')`,
  }),
  misstated("an answered message of a dead turn", "dead", { set: `state = 'answered'` }),
  misstated("an answered message without a turn", "answered", { set: `turn_id = NULL` }),
  misstated("a dead message of a turn that is done", "answered", { set: `state = 'dead'` }),
  misstated("a cancelled message of a turn that is done", "answered", { set: `state = 'cancelled'` }),
  misstated("an overheard message that a turn answers", "overheard", { set: `turn_id = 'trn_none'` }),
  {
    check: "lane",
    defect: "a session that is due with nothing to do",
    plant: (db) => plantIn(db, "session", "user = 'dead'", "due_at = 1"),
  },
  {
    check: "lane",
    defect: "a session that is not due though a message waits",
    plant: (db) => plantIn(db, "session", "user = 'waiting'", "due_at = NULL"),
  },
  {
    check: "lane",
    defect: "a session that is not due though a turn runs",
    plant: (db) => plantIn(db, "session", "user = 'running'", "due_at = NULL"),
  },
  {
    check: "one-turn",
    defect: "an unfinished turn that its session does not name",
    plant: (db) => {
      change(
        db,
        `INSERT INTO turn (id, session_id, state, attempt, first, first_seq, last_seq, node, started_at)
         VALUES ('trn_second', '${session(db, "running")}', 'running', 1, 0, 1, 1, 'node-b', 1)`,
      );
      return "trn_second";
    },
  },
  {
    check: "one-turn",
    defect: "a session that names a turn which is not there",
    plant: (db) => plantIn(db, "session", "user = 'waiting'", "turn_id = 'trn_none'"),
  },
  ...PLANTED_RETRIES,
  ...PLANTED_INTERRUPTIONS,
  {
    check: "replies",
    defect: "a reply whose entry is not there",
    plant: (db) => plantIn(db, "delivery", "state = 'failed'", "seq = 999"),
  },
  {
    check: "replies",
    defect: "a destination with two replies that are due",
    plant: (db) => lane(db, `UPDATE delivery SET due_at = 1 WHERE user = 'pending'`),
  },
  {
    check: "replies",
    defect: "a destination with none that is due",
    plant: (db) => lane(db, `UPDATE delivery SET due_at = NULL, state = 'pending', node = NULL WHERE user = 'pending'`),
  },
  {
    check: "replies",
    defect: "a reply that is due before an older one",
    plant: (db) => {
      change(db, `UPDATE delivery SET due_at = NULL, state = 'pending', node = NULL WHERE user = 'pending'`);
      return plantIn(
        db,
        "delivery",
        "number = (SELECT max(number) FROM delivery WHERE user = 'pending')",
        "due_at = 1",
      );
    },
  },
  {
    check: "pieces",
    defect: "a reply that begins with the second piece of its entry",
    plant: (db) => plantIn(db, "delivery", "state = 'failed'", "piece = 2"),
  },
  {
    check: "pieces",
    defect: "a piece of an entry that stands twice",
    plant: (db) => {
      change(
        db,
        `INSERT INTO delivery (id, lane, session_id, turn_id, seq, platform, account, chat_type, chat, thread, user, text, state, created_at, settled_at)
         SELECT 'dlv_again', lane, session_id, turn_id, seq, platform, account, chat_type, chat, thread, user, text, state, created_at, settled_at
         FROM delivery WHERE state = 'failed' AND turn_id IS NOT NULL`,
      );
      return "dlv_again";
    },
  },
  {
    check: "identity",
    defect: "a session under the id of another key",
    plant: (db) => plantIn(db, "session", "user = 'dead'", "key = 'another'"),
  },
  {
    check: "index-complete",
    defect: "an entry that the index does not have",
    plant: (db) => entry(db, (number) => `DELETE FROM message_fts WHERE rowid = ${number}`),
  },
  {
    check: "index-complete",
    defect: "an entry that the index has otherwise",
    plant: (db) => entry(db, (number) => `UPDATE message SET text = 'something else' WHERE number = ${number}`),
  },
  {
    check: "index-complete",
    defect: "words of an entry that is not there",
    plant: (db) => {
      change(db, `INSERT INTO message_fts (rowid, text) VALUES (999, 'nobody said it')`);
      return "entry 999";
    },
  },
  {
    check: "index-complete",
    defect: "an entry that is missing from the lists of the index",
    plant: (db) => entry(db, (number) => `DELETE FROM message_fts_docsize WHERE id = ${number}`),
    also: ["file"],
  },
  {
    check: "references",
    defect: "a turn that refers to a session which is not there",
    plant: (db) => {
      const rowid = String(valueOf(db, `SELECT rowid FROM turn WHERE state = 'cancelled'`));
      change(db, `UPDATE turn SET session_id = 'ses_none' WHERE rowid = ${rowid}`);
      return `turn ${rowid}`;
    },
    also: ["no-orphan"],
  },
  {
    check: "access",
    defect: "a request of someone who was decided about",
    plant: (db) => {
      change(db, `UPDATE access_request SET id = 'friend'`);
      return `request ${String(valueOf(db, `SELECT number FROM access_request`))}`;
    },
  },
  {
    check: "access",
    defect: "more requests than are kept",
    plant: (db) => {
      change(
        db,
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO access_request (platform, account, kind, id, asked_at) SELECT 'test', 'default', 'person', i, i FROM n`,
      );
      return `request ${String(valueOf(db, `SELECT max(number) FROM access_request`))}`;
    },
  },
  ...PLANTED_QUESTIONS,
  {
    check: "file",
    defect: "an index without a row of its table",
    plant: (db) => {
      db.exec("PRAGMA writable_schema = ON");
      const sql = "CREATE INDEX tombstone_key ON tombstone (epoch, key_hash)";
      change(db, `UPDATE sqlite_schema SET sql = '${sql}' WHERE name = 'tombstone_key'`);
      return "tombstone_key";
    },
  },
  {
    check: "file",
    defect: "a page that is damaged",
    plant: (db) => damage(db, "usage"),
  },
  {
    check: "receipts",
    defect: "a page that it cannot read",
    plant: (db) => {
      damage(db, "receipt");
      return "unreadable";
    },
    also: ["file"],
  },
  {
    check: "file",
    defect: "an index of words that is broken",
    plant: (db) => {
      change(db, `DELETE FROM message_fts_data WHERE id > 10`);
      return "message_fts";
    },
  },
];
