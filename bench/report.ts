/** Findings as lines for a person. */
import type { Machine } from "./machine.ts";
import type { Aim, Figure, Findings, Measure, Scenario, Unit } from "./scenario.ts";

export function machineLines(machine: Machine): readonly string[] {
  return [
    `Node ${machine.node}, SQLite ${machine.sqlite}, ${machine.cores} cores (${machine.processor})`,
    `fsync ${format(machine.fsyncUs, "µs")} (median of fdatasync after 4 KiB)`,
    "Ratios are medians over pairs of runs that alternate in this process run; all other numbers are this machine's.",
  ];
}

export function scenarioLines({ name, compares }: Scenario, { measures, figures }: Findings): readonly string[] {
  return ["", name, `  ${compares}`, ...measures.flatMap(measureLines), ...figures.map(figureLine)];
}

/** How many aims were met, and which were not. */
export function closingLines(measures: readonly Measure[]): readonly string[] {
  const missed = measures.filter(({ isMet }) => !isMet);
  const line = `${measures.length - missed.length} of ${measures.length} aims met`;
  return ["", missed.length === 0 ? line : `${line}; MISSED: ${missed.map(({ name }) => name).join("; ")}`];
}

function measureLines({ name, value, unit, aim, isMet, figures }: Measure): readonly string[] {
  return [
    `  ${isMet ? "met   " : "MISSED"}  ${name}: ${format(value, unit)} (aim ${aimText(aim, unit)})`,
    ...figures.map(figureLine),
  ];
}

function figureLine({ name, value, unit }: Figure): string {
  return `            ${name}: ${format(value, unit)}`;
}

function aimText(aim: Aim, unit: Unit): string {
  return "atLeast" in aim ? `at least ${format(aim.atLeast, unit)}` : `at most ${format(aim.atMost, unit)}`;
}

function format(value: number, unit: Unit): string {
  const digits = unit === "times" || Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const text = Number.isInteger(value)
    ? value.toLocaleString("en")
    : value.toLocaleString("en", { maximumFractionDigits: digits });
  if (unit === "times") return `${text} ×`;
  return unit === "" ? text : unit === "/s" ? `${text}/s` : `${text} ${unit}`;
}
