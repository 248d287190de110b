/** Holds the database against the invariants: each check is a query that finds nothing in a healthy store. */
import { errorMessage } from "../../core/errors.ts";
import { sessionId } from "../../core/session-id.ts";
import type { SessionKey } from "../../core/session-key.ts";
import type { Check } from "../reader.ts";
import { indexText } from "../search-text.ts";
import { QUERY_CHECKS } from "./checks.ts";
import type { Database } from "./database.ts";
import { isDamage } from "./fault.ts";

const MAX_EXAMPLES = 5;

/** Reads one snapshot: what is written meanwhile is not half seen. */
export function verify(db: Database, secret: Uint8Array): Check[] {
  db.exec("BEGIN");
  try {
    return [
      ...QUERY_CHECKS.map(({ sql, ...check }) => report(check, defectsOf(db, sql))),
      report(IDENTITY, wrongIds(db, secret)),
      report(INDEX, wrongIndex(db)),
      report(FOREIGN_KEYS, defectsOf(db, `SELECT "table" || ' ' || rowid AS defect FROM pragma_foreign_key_check()`)),
      report(
        FILE,
        defectsOf(db, `SELECT integrity_check AS defect FROM pragma_integrity_check() WHERE integrity_check <> 'ok'`),
      ),
    ];
  } finally {
    // Nothing was written; and in a damaged file a COMMIT fails.
    db.exec("ROLLBACK");
  }
}

type Rule = Pick<Check, "name" | "invariant" | "rule">;

const IDENTITY: Rule = {
  name: "identity",
  invariant: "I1",
  rule: "Every session's id is the keyed hash of its key and epoch.",
};
const INDEX: Rule = {
  name: "index-complete",
  invariant: "I6",
  rule: "The search index holds the text of every entry, and nothing else.",
};
const FOREIGN_KEYS: Rule = {
  name: "references",
  invariant: null,
  rule: "Every reference between tables leads somewhere.",
};
const FILE: Rule = { name: "file", invariant: null, rule: "The pages and indexes of the database file are intact." };

function report(rule: Rule, defects: Iterable<string>): Check {
  const examples: string[] = [];
  let count = 0;
  const add = (defect: string): void => {
    count += 1;
    if (examples.length < MAX_EXAMPLES) examples.push(defect);
  };
  try {
    for (const defect of defects) add(defect);
  } catch (error) {
    // Damage ends one check; what it has found, and the other checks, still tell how far it goes.
    if (!isDamage(error)) throw error;
    add(`unreadable (${errorMessage(error)})`);
  }
  return { ...rule, defects: count, examples };
}

function* defectsOf(db: Database, sql: string): Generator<string> {
  for (const { defect } of db.iterate<{ defect: string }>(sql)) yield defect;
}

function* wrongIds(db: Database, secret: Uint8Array): Generator<string> {
  for (const row of db.iterate<{ id: string; key: SessionKey; epoch: number }>(`SELECT id, key, epoch FROM session`)) {
    if (sessionId(secret, row.key, row.epoch) !== row.id) yield row.id;
  }
}

function* wrongIndex(db: Database): Generator<string> {
  const rows = db.iterate<{ number: number; text: string | null; indexed: string | null }>(
    `SELECT m.number, m.text, f.text AS indexed FROM message AS m LEFT JOIN message_fts AS f ON f.rowid = m.number
     UNION ALL
     SELECT f.rowid, NULL, f.text FROM message_fts AS f WHERE NOT EXISTS (SELECT 1 FROM message WHERE number = f.rowid)`,
  );
  for (const { number, text, indexed } of rows) {
    if (text === null || indexText(text) !== indexed) yield `entry ${number}`;
  }
  // The rows above are the index's own copy of the text; its word lists must hold every row too.
  yield* defectsOf(
    db,
    `SELECT 'entry ' || m.number AS defect FROM message AS m
     WHERE NOT EXISTS (SELECT 1 FROM message_fts_docsize WHERE id = m.number)`,
  );
}
