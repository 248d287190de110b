import { ParlorError, errorMessage } from "../../core/errors.ts";

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that say "not now" or "not here". */
const CODES = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

const SENTENCES = new Map<number, string>([
  [CODES.busy, "Another process is writing to the database and did not finish in time. Try again."],
  [CODES.locked, "The database is locked by another process. Try again."],
  [CODES.readOnly, "The database cannot be written to. Check the permissions of the data directory."],
  [CODES.ioError, "The disk failed while the database was read or written. Check the disk."],
  [CODES.corrupt, "The database file is damaged. Run `parlor doctor`, and restore a backup."],
  [CODES.full, "The disk is full. Free some space; Parlor goes on by itself."],
  [CODES.cannotOpen, "The database file cannot be opened. Check the path and the permissions of the data directory."],
  [CODES.notADatabase, "The file is not a Parlor database. Choose another data directory."],
]);

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Whether another process holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === CODES.busy || code === CODES.locked;
}

/** Whether a part of the database file cannot be read as what it should be. */
export function isDamage(error: unknown): boolean {
  return resultCode(error) === CODES.corrupt;
}

/** Whether the file is at fault, and not the disk or another process: it is no database, or not the one it should be. */
export function isUnreadable(error: unknown): boolean {
  const code = resultCode(error);
  return code === CODES.error || code === CODES.corrupt || code === CODES.notADatabase;
}

/** Whether the connection had been closed. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_STATE";
}

/** Whether the file is something else than a database. */
export function isForeignFile(error: unknown): boolean {
  return resultCode(error) === CODES.notADatabase;
}

/** What a caller is told: SQLite's faults become `STORE_UNAVAILABLE`; anything else stays what it is. */
export function storeFault(error: unknown): unknown {
  if (isClosed(error)) {
    return new ParlorError("STORE_UNAVAILABLE", "The store is closed; open it again.", { cause: error });
  }
  const code = resultCode(error);
  const sentence = code === undefined ? undefined : SENTENCES.get(code);
  if (sentence === undefined) return error;
  return new ParlorError("STORE_UNAVAILABLE", `${sentence} (SQLite: ${errorMessage(error)})`, {
    retryable: true,
    cause: error,
  });
}
