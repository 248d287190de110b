/**
 * Backups. A backup is one file that holds everything of a store; attachments are references, so there is
 * nothing beside it. One can be made while a gateway runs, and restored while none does.
 */
import type { ParlorError } from "../core/errors.ts";
import type { Check, StoreStats } from "./reader.ts";

/** What is in a file that holds a store. */
export interface BackupFacts extends Pick<StoreStats, "sessions" | "entries"> {
  /** The size of the file. */
  readonly bytes: number;
}

/** What a file was found to be: `verify()` of the store in it, or why there is none to be read. */
export type BackupReport =
  | ({ readonly outcome: "readable"; readonly checks: readonly Check[] } & BackupFacts)
  | { readonly outcome: "unreadable"; readonly fault: ParlorError };

export type BackupOutcome =
  | ({ readonly outcome: "made" } & BackupFacts)
  /** The store has defects, and so would its backup: nothing was made. */
  | { readonly outcome: "defective"; readonly checks: readonly Check[] }
  /** There is a file of that name. */
  | { readonly outcome: "exists" };

/** A backup that is ready to take the place of the database. Disposing of it gives everything back as it was. */
export interface Restoration extends AsyncDisposable {
  readonly report: BackupReport;
  /**
   * Puts the backup in place and returns where the database is now that was there; null where none was.
   *
   * @throws ParlorError `INVALID_INPUT` when the backup is not sound.
   */
  put(): Promise<{ readonly aside: string | null }>;
}

/** Whether a store can be run with what is in the file. */
export function isSound(report: BackupReport): boolean {
  return report.outcome === "readable" && report.checks.every(({ defects }) => defects === 0);
}
