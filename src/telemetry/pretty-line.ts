interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** A line of the log as a person reads it: time, level, message, then the fields. */
export function prettyLine(line: string): string {
  const { time, level, msg = "", ...fields } = JSON.parse(line) as Line;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  return `${[time.slice(11, 23), level.padEnd(5), msg, ...shown].join(" ").trimEnd()}\n`;
}

/** Quoted when it holds anything that would make the line hard to read. */
function show(value: unknown): string {
  return typeof value === "string" && /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
}
