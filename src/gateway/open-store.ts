import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { StoreReader } from "../store/reader.ts";
import { openSqliteReader, openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";

/** The database file of a configuration. */
export function databasePath(config: Pick<Config, "dataDirectory">): string {
  return join(config.dataDirectory, "parlor.db");
}

/** Opens the store of a configuration; made when there is none. */
export function openStore(config: Config, clock: Clock = systemClock): Promise<Store> {
  const { reset, busy, scope, receiptRetentionMs, eventRetentionMs } = config;
  const path = databasePath(config);
  return openSqliteStore({ path, clock, reset, busy, scope, receiptRetentionMs, eventRetentionMs });
}

/**
 * Opens the reading side of the store of a configuration; nothing is made.
 *
 * @throws ParlorError `STORE_MISSING`, with where it looked.
 */
export function openReader(config: Pick<Config, "dataDirectory">): StoreReader & Disposable {
  return openSqliteReader(databasePath(config));
}
