import type { Config } from "../config/config.ts";
import type { BackupOutcome, BackupReport, Restoration } from "../store/backup.ts";
import { makeBackup } from "../store/sqlite/backup.ts";
import { inspectBackup } from "../store/sqlite/inspect.ts";
import { type RestoreOptions, openRestoration } from "../store/sqlite/restore.ts";
import { databasePath } from "./open-store.ts";

/** Writes everything in the store of a configuration to a file, also while a gateway runs on it. */
export function backUpStore(
  config: Pick<Config, "dataDirectory">,
  file: string,
  options: { readonly overwrite: boolean },
): Promise<BackupOutcome> {
  return makeBackup(databasePath(config), file, options);
}

/** Looks at a backup; changes nothing. */
export function checkBackup(file: string): Promise<BackupReport> {
  return inspectBackup(file);
}

/** Makes ready to put a backup in the place of the store of a configuration. */
export function openStoreRestoration(
  config: Pick<Config, "dataDirectory">,
  file: string,
  options: RestoreOptions,
): Promise<Restoration> {
  return openRestoration(file, databasePath(config), options);
}
