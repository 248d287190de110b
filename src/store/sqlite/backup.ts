/**
 * Makes backups. `VACUUM INTO` reads one snapshot, so that a backup is consistent while others write: a
 * reader holds up no writer of a database with a log, which only cannot be truncated meanwhile. SQLite's
 * copy in steps would begin again with each write of another process, and would carry over free pages.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { ParlorError, errorMessage } from "../../core/errors.ts";
import type { BackupOutcome } from "../backup.ts";
import { openSource } from "./database.ts";
import { storeFault } from "./fault.ts";
import { codeOf, isSameFile, publish, removeDatabase } from "./files.ts";
import { inspectBackup } from "./inspect.ts";
import { storedVersion } from "./migrate.ts";

/**
 * Writes everything in the database `from` to the file `to`, under another name until it is whole, on the
 * disk and found without a defect. A file of that name stays, unless it may be overwritten.
 *
 * @throws ParlorError `STORE_MISSING` when there is no database, `INVALID_INPUT` when the file cannot be made.
 */
export async function makeBackup(
  from: string,
  to: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<BackupOutcome> {
  if (!existsSync(from)) {
    throw new ParlorError("STORE_MISSING", `There is no Parlor database at ${from}, so there is nothing to back up.`);
  }
  for (const used of [from, `${from}-wal`, `${from}-shm`]) {
    if (used === to || isSameFile(used, to)) {
      throw new ParlorError("INVALID_INPUT", `${to} is the database itself. Name another file for its backup.`);
    }
  }
  if (!overwrite && existsSync(to)) return { outcome: "exists" };
  const partial = `${to}.${randomBytes(4).toString("hex")}.part`;
  makeFile(partial);
  try {
    writeSnapshot(from, partial);
    const report = await inspectBackup(partial);
    if (report.outcome === "unreadable") throw report.fault;
    const { checks, bytes, sessions, entries } = report;
    if (checks.some(({ defects }) => defects > 0)) return { outcome: "defective", checks };
    return publish(partial, to, { overwrite }) ? { outcome: "made", bytes, sessions, entries } : { outcome: "exists" };
  } finally {
    removeDatabase(partial);
  }
}

/** What people say is for the operator alone, from the first byte on. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    const why = codeOf(error) === "ENOENT" ? `there is no folder ${dirname(path)}` : errorMessage(error);
    throw new ParlorError("INVALID_INPUT", `The backup cannot be written: ${why}. Name another file.`, {
      cause: error,
    });
  }
}

function writeSnapshot(from: string, to: string): void {
  try {
    using db = openSource(from);
    storedVersion(db, from);
    db.run("VACUUM INTO ?", to);
  } catch (error) {
    throw storeFault(error);
  }
}
