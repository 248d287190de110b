import type { Command } from "commander";
import { databasePath } from "../gateway/open-store.ts";
import type { Check } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import { checkLines, checkVerdict } from "./check-lines.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { withReader } from "./with-store.ts";

export function doctorCommand(cli: Cli): Command {
  const command = leafCommand("doctor", {
    description: "Holds the store against its invariants; changes nothing.",
    examples: [
      ["parlor doctor", "every check, and what it found"],
      ["parlor doctor --json", "the same for a program"],
    ],
  });
  return withPlaceOptions(command).action(async (options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    cli.print(answer(await withReader(config, (reader) => reader.verify()), databasePath(config)));
  });
}

function answer(checks: readonly Check[], database: string): Answer {
  const clean = checks.every(({ defects }) => defects === 0);
  return {
    document: { clean, database, checks },
    text: (screen) =>
      [...checks.map((check) => checkLines(screen, check)), "", plainLine(checkVerdict(checks, database))].join("\n"),
    exitCode: clean ? EXIT.done : EXIT.findings,
  };
}
