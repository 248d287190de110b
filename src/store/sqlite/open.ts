/** Opens the SQLite store: one file, one writing connection, the reading ones beside it. */
import { existsSync } from "node:fs";
import { ParlorError } from "../../core/errors.ts";
import { DEFAULT_BUSY, checkBusyPolicy } from "../../core/busy-policy.ts";
import { NO_RESET, checkResetPolicy } from "../../core/reset-policy.ts";
import { DEFAULT_SCOPE } from "../../core/session-key.ts";
import { systemClock } from "../../lib/clock.ts";
import type { StoreOptions } from "../options.ts";
import type { StoreReader } from "../reader.ts";
import type { Store } from "../store.ts";
import type { Context } from "./context.ts";
import { type Database, openReadOnly } from "./database.ts";
import { storeFault } from "./fault.ts";
import { LongReads } from "./long-reads.ts";
import { checkSchema } from "./migrate.ts";
import { openMigrated } from "./open-migrated.ts";
import { createReader, readSecret } from "./sqlite-reader.ts";
import { createSqliteStore } from "./sqlite-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export interface SqliteOptions extends StoreOptions {
  /** The database file, made with its folder when it is missing; `:memory:` for one that is not kept. */
  readonly path: string;
}

/**
 * Opens a store on SQLite. Dispose of it to close the file; writes that wait are finished first.
 *
 * @throws ParlorError `STORE_UNAVAILABLE` when the file cannot be opened or written, `STORE_TOO_NEW`
 * when a newer Parlor wrote it, `INVALID_CONFIG` for options that cannot hold.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  checkOptions(options);
  const resources = new AsyncDisposableStack();
  try {
    const db = resources.use(await openMigrated(options.path));
    const reader = openReaders(db, options.path, resources);
    const context: Context = {
      db,
      secret: readSecret(db),
      scope: options.scope ?? DEFAULT_SCOPE,
      reset: options.reset ?? NO_RESET,
      busy: options.busy ?? { default: DEFAULT_BUSY },
      clock: options.clock ?? systemClock,
    };
    const retention = {
      receiptMs: options.receiptRetentionMs ?? 7 * DAY_MS,
      eventMs: options.eventRetentionMs ?? 7 * DAY_MS,
    };
    return createSqliteStore({ context, reader, retention, resources });
  } catch (error) {
    await resources.disposeAsync();
    throw storeFault(error);
  }
}

/**
 * Opens the reading side alone: nothing is made and nothing is written.
 *
 * @throws ParlorError `STORE_MISSING` when there is no database at `path`.
 */
export function openSqliteReader(path: string): StoreReader & Disposable {
  if (!existsSync(path)) {
    throw new ParlorError(
      "STORE_MISSING",
      `There is no Parlor database at ${path}. Start the gateway once, or set PARLOR_HOME.`,
    );
  }
  let db: Database | undefined;
  try {
    db = openReadOnly(path);
    checkSchema(db, path);
    return Object.assign(createReader(db), { [Symbol.dispose]: db[Symbol.dispose] });
  } catch (error) {
    db?.[Symbol.dispose]();
    throw storeFault(error);
  }
}

/** A database in memory has one connection; a file has one for short reads and a thread for long ones. */
function openReaders(db: Database, path: string, resources: AsyncDisposableStack): StoreReader {
  if (path === ":memory:") return createReader(db);
  const long = resources.use(new LongReads(path));
  return {
    ...createReader(resources.use(openReadOnly(path))),
    search: long.search,
    stats: long.stats,
    verify: long.verify,
  };
}

function checkOptions({ reset, busy, receiptRetentionMs }: SqliteOptions): void {
  for (const policy of [reset?.default, ...(reset?.rules ?? []).map((rule) => rule.policy)]) {
    if (policy !== undefined) checkResetPolicy(policy);
  }
  for (const policy of [busy?.default, ...(busy?.rules ?? []).map((rule) => rule.policy)]) {
    if (policy !== undefined) checkBusyPolicy(policy);
  }
  if (receiptRetentionMs !== undefined && !(receiptRetentionMs >= DAY_MS)) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `receiptRetentionMs must be at least ${DAY_MS} (24 hours, for platforms that redeliver that late); found ${receiptRetentionMs}.`,
    );
  }
}
