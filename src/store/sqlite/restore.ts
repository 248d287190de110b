/**
 * Puts a backup in the place of a database.
 *
 *     held ──copied, migrated, looked at──▶ staged ──put──▶ the old one linked aside, the new one renamed over it
 *       └── in use ──▶ refused                └── disposed of ──▶ as it was
 *
 * Invariants: the name of the database leads to the old file or to the new one at every moment, and to
 * nothing else after a crash; no log of the old one lies beside the new one; nobody has the old one open.
 * The last one is held by an exclusive lock, from before the copy until after the new file is in place.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ParlorError } from "../../core/errors.ts";
import { type BackupReport, type Restoration, isSound } from "../backup.ts";
import { type Database, openAlone } from "./database.ts";
import { isBusy, isUnreadable, storeFault } from "./fault.ts";
import { isSameFile, linkTo, moveLogs, publish, removeDatabase, removeLogs, syncPath } from "./files.ts";
import { checkThere, stage } from "./inspect.ts";
import { makeFolder, openMigrated } from "./open-migrated.ts";
import { skipEvents } from "./recorded-events.ts";

/**
 * How long the old file stays locked after the new one has its name, in milliseconds: longer than one who
 * found it before waits for its lock. After that it is opened by its name again, which leads to the new one.
 */
const AFTERMATH_MS = 250;

export interface RestoreOptions {
  /** When the restoration began, in epoch milliseconds: part of the name of the old database. */
  readonly at: number;
  /** Whether a gateway is known to run there; asked only where the old file cannot be locked, being no database. */
  readonly isInUse: () => Promise<boolean>;
}

/**
 * Makes ready to put the backup `file` in the place of the database `path`. Nobody can open the database
 * until it is disposed of.
 *
 * @throws ParlorError `STORE_UNAVAILABLE` while another process has the database open, `NOT_FOUND` when
 * there is no such file.
 */
export async function openRestoration(file: string, path: string, options: RestoreOptions): Promise<Restoration> {
  if (isSameFile(file, path)) {
    throw new ParlorError("INVALID_INPUT", `${file} is the database itself; there is nothing to restore from it.`);
  }
  checkThere(file);
  await using held = new AsyncDisposableStack();
  makeFolder(dirname(path));
  const old = await hold(path, options);
  if (old !== null) held.use(old);
  const staged = `${path}.restoring-${randomBytes(4).toString("hex")}`;
  held.defer(() => removeDatabase(staged));
  const report = await stage(file, staged);
  const resources = held.move();
  return {
    report,
    put: async () => {
      checkSound(file, report);
      await skipKnownIds(staged, options.at);
      const aside = existsSync(path) ? nameAside(path, options.at) : null;
      if (aside !== null && !linkTo(path, aside)) throw inUse(path);
      if (old === null) moveLogs(path, aside ?? nameAside(path, options.at));
      else removeLogs(path);
      syncPath(dirname(path));
      if (!publish(staged, path, { overwrite: aside !== null })) throw inUse(path);
      if (old !== null) await sleep(AFTERMATH_MS);
      return { aside };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The lock on the database: null where there is none, or a file that is no database. */
async function hold(path: string, { isInUse }: RestoreOptions): Promise<Database | null> {
  if (!existsSync(path)) return null;
  try {
    return openAlone(path);
  } catch (error) {
    if (isBusy(error)) throw inUse(path);
    if (!isUnreadable(error)) throw storeFault(error);
  }
  if (await isInUse()) throw inUse(path);
  return null;
}

/**
 * Since the backup was made, ids of events were given out that it does not know, and readers came to know
 * them. The time in milliseconds is beyond them all: nothing records a thousand events a second for good.
 */
async function skipKnownIds(staged: string, at: number): Promise<void> {
  try {
    using db = await openMigrated(staged);
    skipEvents(db, at);
  } catch (error) {
    throw storeFault(error);
  }
}

function inUse(path: string): ParlorError {
  return new ParlorError(
    "STORE_UNAVAILABLE",
    `${path} is in use by another process, such as a gateway. Stop it, then restore again.`,
  );
}

function checkSound(file: string, report: BackupReport): void {
  if (isSound(report)) return;
  throw new ParlorError(
    "INVALID_INPUT",
    `${file} is not sound, so it is not restored. parlor restore --verify says why.`,
  );
}

/** A name that no file has. */
function nameAside(path: string, at: number): string {
  const base = `${path}.before-restore-${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(name)) return name;
  }
}
