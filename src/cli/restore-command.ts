import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { checkBackup, openStoreRestoration } from "../gateway/backups.ts";
import { databasePath } from "../gateway/open-store.ts";
import { type BackupReport, isSound } from "../store/backup.ts";
import type { Answer } from "./answer.ts";
import { checkLines, checkVerdict } from "./check-lines.ts";
import type { Cli } from "./cli.ts";
import { confirm } from "./confirm.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { probeGateway } from "./probe-gateway.ts";
import { byteSize, count } from "./quantity.ts";
import { reachableUrl } from "./reachable-url.ts";

interface RestoreOptions extends PlaceOptions {
  readonly verify?: true;
  readonly yes?: true;
}

export function restoreCommand(cli: Cli): Command {
  const command = leafCommand("restore", {
    description: "Puts a backup in the place of the store, while no gateway runs on it.",
    examples: [
      ["parlor restore parlor-20261122T221400Z.db --verify", "whether the backup is sound; changes nothing"],
      ["parlor restore parlor-20261122T221400Z.db", "asks first"],
      ["parlor restore parlor-20261122T221400Z.db --yes", "does not ask"],
    ],
  })
    .argument("<file>", "a backup that parlor backup has made")
    .option("--verify", "only look at the backup")
    .option("--yes", "do not ask; needed where nobody can be asked");
  return withPlaceOptions(command).action(async (named: string, options: RestoreOptions) => {
    const file = resolve(named);
    if (options.verify === true) {
      cli.print(reportAnswer(file, await checkBackup(file)));
      return;
    }
    if (options.yes === undefined && !cli.canAsk) {
      command.error("error: there is nobody to ask here whether to restore the backup; add --yes");
    }
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    cli.print(await restore(config, file, options.yes === true));
  });
}

async function restore(config: Config, file: string, isAgreed: boolean): Promise<Answer> {
  const database = databasePath(config);
  await using restoration = await openStoreRestoration(config, file, {
    at: Date.now(),
    isInUse: () => isGatewayRunning(config),
  });
  const { report } = restoration;
  if (report.outcome === "unreadable" || !isSound(report)) return reportAnswer(file, report);
  const holds = `${count(report.sessions, "session")}, ${count(report.entries, "entry", "entries")}`;
  const question = `Put ${file} (${holds}) in the place of ${database}?`;
  if (!isAgreed && !(await confirm(plainLine(question), process.stdin, process.stderr))) {
    return { document: null, text: () => "Nothing was restored.", exitCode: EXIT.failed };
  }
  const { aside } = await restoration.put();
  const kept = aside === null ? "There was no database before." : `What was there before is kept as ${aside}.`;
  const { bytes, sessions, entries } = report;
  return {
    document: { restored: true, backup: file, database, aside, bytes, sessions, entries },
    text: () => `${plainLine(`${database} holds ${holds} now.`)}\n${plainLine(kept)}`,
  };
}

async function isGatewayRunning({ server: { host, port } }: Config): Promise<boolean> {
  return port !== 0 && (await probeGateway(reachableUrl(host, port))).outcome === "running";
}

function reportAnswer(file: string, report: BackupReport): Answer {
  if (report.outcome === "unreadable") {
    const { code, message } = report.fault;
    return {
      document: { clean: false, backup: file, fault: { code, message }, checks: [] },
      text: () => plainLine(message),
      exitCode: EXIT.findings,
    };
  }
  const { bytes, sessions, entries, checks } = report;
  const isClean = isSound(report);
  const holds = `${byteSize(bytes)}, ${count(sessions, "session")}, ${count(entries, "entry", "entries")}`;
  return {
    document: { clean: isClean, backup: file, fault: null, checks, bytes, sessions, entries },
    text: (screen) =>
      [
        ...checks.map((check) => checkLines(screen, check)),
        "",
        plainLine(checkVerdict(checks, `${file} (${holds})`)),
      ].join("\n"),
    exitCode: isClean ? EXIT.done : EXIT.findings,
  };
}
