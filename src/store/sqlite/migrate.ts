import { readFileSync, readdirSync } from "node:fs";
import { ParlorError } from "../../core/errors.ts";
import type { Database } from "./database.ts";

/** Marks a file as Parlor's ("Prlr"), so that another program's database is never touched. */
const APPLICATION_ID = 0x50726c72;

const SCHEMA = new URL("./schema/", import.meta.url);

/** The migrations, in order: `schema/0001-….sql` takes version 0 to version 1. */
function migrations(): string[] {
  return readdirSync(SCHEMA)
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
}

/**
 * Brings the database to this version's schema, each migration whole or not at all. Several
 * processes may start at once: one migrates, the others find the file busy, or find it done.
 *
 * @throws ParlorError `STORE_TOO_NEW` when a newer Parlor wrote it.
 */
export function migrate(db: Database, path: string): void {
  storedVersion(db, path);
  db.exec("PRAGMA journal_mode = WAL");
  migrateNow(db, path);
}

/**
 * The version of the schema in a file of Parlor's; 0 when it has none yet.
 *
 * @throws ParlorError `STORE_TOO_NEW`, or `INVALID_CONFIG` when it is another program's.
 */
export function storedVersion(db: Database, path: string): number {
  checkOwner(db, path);
  return schemaVersion(db, path);
}

/** Whether this is the version that this Parlor reads and writes. */
export function isCurrent(version: number): boolean {
  return version === migrations().length;
}

/**
 * Checks that the schema is exactly this version's, for a reader, which cannot migrate.
 *
 * @throws ParlorError `STORE_TOO_NEW`, or `STORE_UNAVAILABLE` when it is older.
 */
export function checkSchema(db: Database, path: string): void {
  const version = storedVersion(db, path);
  if (version < migrations().length) {
    throw new ParlorError(
      "STORE_UNAVAILABLE",
      `${path} has schema version ${version}, this Parlor reads version ${migrations().length}. Start the gateway once to upgrade it.`,
    );
  }
}

function migrateNow(db: Database, path: string): void {
  if (schemaVersion(db, path) === migrations().length) return;
  db.exec("BEGIN IMMEDIATE");
  // Read again under the lock: another process may have migrated while this one waited for it.
  for (const [index, name] of migrations().entries()) {
    if (index < schemaVersion(db, path)) continue;
    db.exec(readFileSync(new URL(name, SCHEMA), "utf8"));
    db.exec(`PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${APPLICATION_ID}`);
  }
  db.exec("COMMIT");
}

function schemaVersion(db: Database, path: string): number {
  const version = db.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  if (version > migrations().length) {
    throw new ParlorError(
      "STORE_TOO_NEW",
      `${path} has schema version ${version}, this Parlor knows versions up to ${migrations().length}. Use the newer Parlor that wrote it.`,
    );
  }
  return version;
}

function checkOwner(db: Database, path: string): void {
  // In one transaction, or another process that makes the tables between the two reads is taken for a stranger.
  db.exec("BEGIN");
  const tables = db.get<{ n: number }>("SELECT count(*) AS n FROM sqlite_schema")?.n ?? 0;
  const id = db.get<{ application_id: number }>("PRAGMA application_id")?.application_id ?? 0;
  db.exec("COMMIT");
  if (id !== APPLICATION_ID && (id !== 0 || tables > 0)) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `${path} is the database of another program. Choose another data directory.`,
    );
  }
}
