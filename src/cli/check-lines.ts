import type { Check } from "../store/reader.ts";
import type { Screen } from "./answer.ts";
import { displayWidth, wrapText } from "./display-width.ts";
import { plainLine } from "./plain-text.ts";
import { count } from "./quantity.ts";

/** What was looked for, and what was found of it. */
export function checkLines(screen: Screen, { name, invariant, rule, defects, examples }: Check): string {
  const mark = defects === 0 ? screen.style("green", "✓") : screen.style("red", "✗");
  const start = `${name.padEnd(14)}  ${(invariant ?? "").padEnd(3)}  `;
  const indent = " ".repeat(displayWidth(start) + 2);
  const lines = [...wrapText(rule, screen.width - indent.length)];
  if (defects > 0) lines.push(plainLine(`${count(defects, "defect")}, such as ${examples.join(", ")}`));
  return `${mark} ${start}${lines.join(`\n${indent}`)}`;
}

/** Such as `2 defects in 1 of 15 checks of parlor.db.` */
export function checkVerdict(checks: readonly Check[], what: string): string {
  const failed = checks.filter(({ defects }) => defects > 0);
  const defects = failed.reduce((sum, check) => sum + check.defects, 0);
  return defects === 0
    ? `No defects in ${count(checks.length, "check")} of ${what}.`
    : `${count(defects, "defect")} in ${failed.length} of ${count(checks.length, "check")} of ${what}.`;
}
