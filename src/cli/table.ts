import type { Screen } from "./answer.ts";
import { displayWidth, fitText, padText } from "./display-width.ts";
import { plainLine } from "./plain-text.ts";

export interface Column {
  readonly title: string;
  /** The column that takes what the others leave, and is cut to it. One of a table. */
  readonly flexible?: true;
  /** Cells wider than this are cut. Default: none is. */
  readonly maxWidth?: number;
}

const GAP = "  ";
/** Narrower than this a flexible column is not made: then the table is wider than the screen. */
const MIN_FLEXIBLE = 10;

/** Rows under a line of titles, no wider than the screen. The cells are stored text: they are made harmless here. */
export function formatTable(screen: Screen, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(plainLine));
  const natural = columns.map(({ title, maxWidth = Infinity }, index) =>
    Math.min(maxWidth, Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index] ?? "")))),
  );
  const fixed = natural.filter((_, index) => columns[index]?.flexible !== true);
  const left = screen.width - GAP.length * (columns.length - 1) - fixed.reduce((sum, width) => sum + width, 0);
  const widths = natural.map((width, index) =>
    columns[index]?.flexible === true ? Math.min(width, Math.max(left, MIN_FLEXIBLE)) : width,
  );
  const line = (row: readonly string[]): string =>
    widths
      .map((width, index) => padText(fitText(row[index] ?? "", width), width))
      .join(GAP)
      .trimEnd();
  return [screen.style("bold", line(columns.map(({ title }) => title))), ...cells.map(line)].join("\n");
}

/** Names and values, one pair on a line. The values are stored text: they are made harmless here. */
export function formatFacts(screen: Screen, facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => displayWidth(name)));
  return facts
    .map(([name, value]) => `${screen.style("bold", padText(name, width))}${GAP}${plainLine(value)}`)
    .join("\n");
}
