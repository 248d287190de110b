/** One connection to the database file, with its statements prepared once. */
import { pathToFileURL } from "node:url";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** How long SQLite itself waits for another process, in milliseconds. It blocks the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 50;

/** The same for a command that works on the file as a whole and can wait for another one to end. */
const WHOLE_TIMEOUT_MS = 2_000;

export interface Database extends Disposable {
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  iterate<Row>(sql: string, ...values: SQLInputValue[]): IterableIterator<Row>;
  /** The number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** The number of the row that was inserted. */
  insert(sql: string, ...values: SQLInputValue[]): number;
  /** Several statements without parameters. */
  exec(sql: string): void;
  readonly inTransaction: boolean;
}

/**
 * At how many pages the log is copied into the database. Four times SQLite's default: a page that is
 * written often is copied less often, which takes a sixth off an accept; more would hold the event
 * loop longer each time.
 */
const CHECKPOINT_PAGES = 4_000;

/** How much of the database the writing connection keeps in memory, in KiB: the inner pages of every index. */
const CACHE_KIB = 16_000;

const WRITER_PRAGMAS = [
  "synchronous = FULL",
  "secure_delete = ON",
  "trusted_schema = OFF",
  `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  `cache_size = -${CACHE_KIB}`,
];

/** Opens a connection that writes, with every commit fsynced. */
export function openWriter(path: string): Database {
  const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  return prepared(raw, WRITER_PRAGMAS.map((pragma) => `PRAGMA ${pragma}`).join("; "));
}

/** Opens a connection that cannot write. */
export function openReadOnly(path: string): Database {
  const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
  return prepared(raw, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF");
}

/** Opens a connection for a backup: it reads alone, but `VACUUM INTO` counts as a write with `query_only`. */
export function openSource(path: string): Database {
  const raw = new DatabaseSync(path, { timeout: WHOLE_TIMEOUT_MS, readOnly: true });
  return prepared(raw, "PRAGMA trusted_schema = OFF");
}

/** Opens a file that nobody writes to, and lays nothing beside it: neither lock nor log. */
export function openImmutable(path: string): Database {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return prepared(new DatabaseSync(url, { readOnly: true }), "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF");
}

/**
 * Opens a database that no other connection has open, in this process or another, and keeps them all out
 * until it is closed. Whoever has a database with a log open holds a shared lock on its file, so that this
 * fails as busy. The log is moved into the file first, and its files are gone.
 */
export function openAlone(path: string): Database {
  const raw = new DatabaseSync(path, { timeout: WHOLE_TIMEOUT_MS });
  return prepared(raw, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
}

function prepared(raw: DatabaseSync, pragmas: string): Database {
  try {
    raw.exec(pragmas);
  } catch (error) {
    raw.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let known = statements.get(sql);
    if (known === undefined) {
      known = raw.prepare(sql);
      statements.set(sql, known);
    }
    return known;
  };
  return {
    get: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[],
    iterate: <Row>(sql: string, ...values: SQLInputValue[]) =>
      statement(sql).iterate(...values) as IterableIterator<Row>,
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    insert: (sql, ...values) => Number(statement(sql).run(...values).lastInsertRowid),
    exec: (sql) => raw.exec(sql),
    get inTransaction() {
      return raw.isTransaction;
    },
    [Symbol.dispose]: () => raw.close(),
  };
}
