import { chmodSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ParlorError, errorMessage } from "../../core/errors.ts";
import type { BackupReport } from "../backup.ts";
import { type Database, openImmutable } from "./database.ts";
import { isUnreadable, storeFault } from "./fault.ts";
import { isCurrent, storedVersion } from "./migrate.ts";
import { openMigrated } from "./open-migrated.ts";
import { readSecret } from "./sqlite-reader.ts";
import { readStats } from "./stats.ts";
import { verify } from "./verify.ts";

/**
 * Looks at a file as a backup and changes nothing: neither it nor what lies beside it. One with an older
 * schema is looked at in a temporary copy, brought to this version's, which is what would be run.
 *
 * @throws ParlorError `NOT_FOUND` when there is no such file.
 */
export async function inspectBackup(file: string): Promise<BackupReport> {
  checkThere(file);
  const report = attempt(file, () => {
    checkAlone(file);
    using db = openImmutable(file);
    return isCurrent(checkKept(db, file)) ? examine(db, file) : null;
  });
  if (report !== null) return report;
  const folder = mkdtempSync(join(tmpdir(), "parlor-"));
  try {
    return await stage(file, join(folder, "parlor.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Copies a backup to where no file is, brings the copy to this version's schema, and looks at it.
 *
 * @throws ParlorError `NOT_FOUND` when there is no such file, `STORE_UNAVAILABLE` when it cannot be copied.
 */
export async function stage(file: string, copy: string): Promise<BackupReport> {
  checkThere(file);
  const inUse = attempt(file, () => checkAlone(file));
  if (inUse !== null) return inUse;
  copyTo(file, copy);
  try {
    const fault = attempt(file, () => {
      using db = openImmutable(copy);
      checkKept(db, file);
      return null;
    });
    if (fault !== null) return fault;
    using db = await openMigrated(copy);
    return examine(db, file);
  } catch (error) {
    if (isUnreadable(error)) return unreadable(file, error);
    throw storeFault(error);
  }
}

/** Where the file system can, the copy shares the bytes of the original. */
function copyTo(file: string, copy: string): void {
  try {
    copyFileSync(file, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(copy, 0o600);
  } catch (error) {
    throw new ParlorError(
      "STORE_UNAVAILABLE",
      `${file} cannot be copied into ${dirname(copy)} (${errorMessage(error)}). Check the permissions there, and whether the disk is full.`,
      { cause: error },
    );
  }
}

function examine(db: Database, file: string): BackupReport {
  const checks = verify(db, readSecret(db));
  const { sessions, entries } = readStats(db);
  return { outcome: "readable", bytes: statSync(file).size, sessions, entries, checks };
}

function attempt(file: string, look: () => BackupReport | null): BackupReport | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof ParlorError) return { outcome: "unreadable", fault: error };
    if (isUnreadable(error)) return unreadable(file, error);
    throw storeFault(error);
  }
}

function unreadable(file: string, error: unknown): BackupReport {
  const fault = new ParlorError(
    "INVALID_INPUT",
    `${file} is not a whole backup of a Parlor database: it cannot be read as one (${errorMessage(error)}). Choose another one.`,
    { cause: error },
  );
  return { outcome: "unreadable", fault };
}

/** @throws ParlorError `NOT_FOUND` when there is no such file. */
export function checkThere(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new ParlorError(
    "NOT_FOUND",
    `There is no file ${file}. Give the path of a backup that parlor backup has made.`,
  );
}

/** What a log beside it holds would be missing from the copy of a database. */
function checkAlone(file: string): null {
  for (const log of [`${file}-wal`, `${file}-journal`]) {
    if (!existsSync(log) || statSync(log).size === 0) continue;
    throw new ParlorError(
      "INVALID_INPUT",
      `${file} is not a backup: ${log} beside it shows a database in use, or one that was not closed. Make a backup with parlor backup.`,
    );
  }
  return null;
}

/** The version of the schema; an empty file is a database without one. */
function checkKept(db: Database, file: string): number {
  const version = storedVersion(db, file);
  if (version === 0) {
    throw new ParlorError("INVALID_INPUT", `${file} holds no Parlor database: it is empty. Choose another one.`);
  }
  // SQLite reads what is missing of the last page as zeros.
  const expected = sizeOf(db);
  const { size } = statSync(file);
  if (size < expected) {
    throw new ParlorError(
      "INVALID_INPUT",
      `${file} is not a whole backup: it was cut off after ${size} of ${expected} bytes. Choose another one.`,
    );
  }
  return version;
}

function sizeOf(db: Database): number {
  const row = db.get<{ bytes: number }>(
    `SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`,
  );
  return row?.bytes ?? 0;
}
