import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ParlorError, errorMessage } from "../../core/errors.ts";
import { type Database, openWriter } from "./database.ts";
import { isBusy, isForeignFile } from "./fault.ts";
import { migrate } from "./migrate.ts";

/** How long to wait for another process that is migrating, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Opens the writing connection of a database, made when it is missing and brought to this version's schema.
 * Each try opens the file by its name anew: the one that a lock was waited for may have been replaced.
 */
export async function openMigrated(path: string): Promise<Database> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    let db: Database | undefined;
    try {
      db = openFile(path);
      migrate(db, path);
      return db;
    } catch (error) {
      db?.[Symbol.dispose]();
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await sleep(20 + 80 * Math.random());
    }
  }
}

function openFile(path: string): Database {
  if (path === ":memory:") return openWriter(path);
  try {
    makeFolder(dirname(path));
    // What people say is for the operator alone; the log gets the permissions of the database.
    closeSync(openSync(path, "a", 0o600));
    return openWriter(path);
  } catch (error) {
    if (isForeignFile(error) || isBusy(error)) throw error;
    throw new ParlorError(
      "STORE_UNAVAILABLE",
      `The database ${path} cannot be opened (${errorMessage(error)}). Check that the folder exists and may be written, or set PARLOR_HOME to another one.`,
      { cause: error },
    );
  }
}

/** One level at a time: under some folders, such as /proc, a recursive mkdir of Node never returns. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}
