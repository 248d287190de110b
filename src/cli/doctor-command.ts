import type { Command } from "commander";
import { databasePath } from "../gateway/open-store.ts";
import type { Check } from "../store/reader.ts";
import type { Answer, Screen } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { displayWidth, wrapText } from "./display-width.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { count } from "./quantity.ts";
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
  const failed = checks.filter(({ defects }) => defects > 0);
  const defects = failed.reduce((sum, check) => sum + check.defects, 0);
  const verdict = (): string =>
    defects === 0
      ? `No defects in ${count(checks.length, "check")} of ${database}.`
      : `${count(defects, "defect")} in ${failed.length} of ${count(checks.length, "check")} of ${database}.`;
  return {
    document: { clean: defects === 0, database, checks },
    text: (screen) => [...checks.map((check) => formatCheck(screen, check)), "", plainLine(verdict())].join("\n"),
    exitCode: defects === 0 ? EXIT.done : EXIT.findings,
  };
}

function formatCheck(screen: Screen, { name, invariant, rule, defects, examples }: Check): string {
  const mark = defects === 0 ? screen.style("green", "✓") : screen.style("red", "✗");
  const start = `${name.padEnd(14)}  ${(invariant ?? "").padEnd(3)}  `;
  const indent = " ".repeat(displayWidth(start) + 2);
  const lines = [...wrapText(rule, screen.width - indent.length)];
  if (defects > 0) lines.push(plainLine(`${count(defects, "defect")}, such as ${examples.join(", ")}`));
  return `${mark} ${start}${lines.join(`\n${indent}`)}`;
}
