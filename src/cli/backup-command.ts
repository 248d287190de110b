import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { ParlorError } from "../core/errors.ts";
import { backUpStore } from "../gateway/backups.ts";
import { databasePath } from "../gateway/open-store.ts";
import type { BackupOutcome } from "../store/backup.ts";
import type { Answer } from "./answer.ts";
import { checkLines, checkVerdict } from "./check-lines.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { byteSize, count } from "./quantity.ts";

interface BackupOptions extends PlaceOptions {
  readonly force?: true;
}

export function backupCommand(cli: Cli): Command {
  const command = leafCommand("backup", {
    description: "Writes everything in the store to one file, also while a gateway runs.",
    examples: [
      ["parlor backup", "into the working directory, named after the time"],
      ["parlor backup /mnt/backups", "into that folder, named after the time"],
      ["parlor backup parlor-nightly.db --force", "in place of the last one"],
    ],
  })
    .argument("[file]", "the file to make, or a folder to make it in")
    .option("--force", "replace a file of that name");
  return withPlaceOptions(command).action(async (file: string | undefined, options: BackupOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const backup = fileFor(file ?? ".", new Date());
    const outcome = await backUpStore(config, backup, { overwrite: options.force === true });
    cli.print(answer(outcome, backup, databasePath(config)));
  });
}

/** A folder gets a file named after the time, in UTC: no two zones or changes of clocks give one name twice. */
function fileFor(named: string, at: Date): string {
  const path = resolve(named);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  return join(path, `parlor-${at.toISOString().replaceAll(/[-:]|\.\d+/g, "")}.db`);
}

function answer(outcome: BackupOutcome, backup: string, database: string): Answer {
  if (outcome.outcome === "exists") {
    throw new ParlorError("INVALID_INPUT", `There is a file ${backup} already. Name another one, or add --force.`);
  }
  if (outcome.outcome === "defective") {
    const { checks } = outcome;
    const failed = checks.filter(({ defects }) => defects > 0);
    return {
      document: { clean: false, backup: null, database, checks },
      text: (screen) =>
        [
          ...failed.map((check) => checkLines(screen, check)),
          "",
          plainLine(`No backup was made: ${checkVerdict(checks, database)}`),
        ].join("\n"),
      exitCode: EXIT.findings,
    };
  }
  const { bytes, sessions, entries } = outcome;
  const holds = `${byteSize(bytes)}, ${count(sessions, "session")}, ${count(entries, "entry", "entries")}`;
  return {
    document: { clean: true, backup, database, bytes, sessions, entries },
    text: () => plainLine(`${backup}: ${holds}, without a defect.`),
  };
}
