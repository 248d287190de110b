/** What is done to whole files, so that a crash leaves either the old state or the new one. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";

/** What SQLite lays beside a database. */
const LOG_SUFFIXES = ["-wal", "-shm", "-journal"];

/** Whether two paths lead to one file. */
export function isSameFile(a: string, b: string): boolean {
  const [first, second] = [statSync(a, { throwIfNoEntry: false }), statSync(b, { throwIfNoEntry: false })];
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}

/** Waits until what was written to a file, or to a folder's list of names, is on the disk. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Gives a file another name in its folder, for good; false when the name is taken and must stay. */
export function publish(from: string, to: string, { overwrite }: { readonly overwrite: boolean }): boolean {
  syncPath(from);
  if (overwrite) renameSync(from, to);
  else if (!linkTo(from, to)) return false;
  rmSync(from, { force: true });
  syncPath(dirname(to));
  return true;
}

/** A second name for a file, or a copy where the file system has no such thing; false when the name is taken. */
export function linkTo(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
  }
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    syncPath(to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes a database that nobody has open, and what lies beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...LOG_SUFFIXES]) removeFile(`${path}${suffix}`);
}

/** Removes the logs of a database, which must be empty or hold nothing that it needs. */
export function removeLogs(path: string): void {
  for (const suffix of LOG_SUFFIXES) removeFile(`${path}${suffix}`);
}

/** `force` alone would let pass a name that is not there, but not a folder that is none. */
function removeFile(path: string): void {
  if (existsSync(path)) rmSync(path, { force: true });
}

/**
 * Takes the logs of a database that cannot be read out of the way of the one that comes in its place, which
 * they would overwrite; what they hold stays with the file that they belong to.
 */
export function moveLogs(from: string, to: string): void {
  for (const suffix of LOG_SUFFIXES) {
    if (!existsSync(`${from}${suffix}`)) continue;
    if (suffix === "-shm" || statSync(`${from}${suffix}`).size === 0) rmSync(`${from}${suffix}`);
    else renameSync(`${from}${suffix}`, `${to}${suffix}`);
  }
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
