/** Database files of their own for one test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { DatabaseSync } from "node:sqlite";

/** A folder that is removed after the tests of the file that asked for it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-sqlite-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Names a database file that does not exist yet. */
export function scratchFiles(): () => string {
  const folder = scratchFolder();
  let count = 0;
  return () => join(folder, `${(count += 1)}`, "parlor.db");
}

/** A connection beside the store, without the store's care: what it writes nobody checks. */
export function openRaw(path: string): DatabaseSync & Disposable {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, defensive: false });
  return Object.assign(db, { [Symbol.dispose]: () => db.close() });
}

/** The one value of the one row that a query answers with. */
export function valueOf(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}
