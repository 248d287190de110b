import { ParlorError } from "../core/errors.ts";

/** What loading finds out besides the values: gathered, so that a person learns of every problem at once. */
export interface Findings {
  /** Where each given value came from, by its key. */
  readonly places: Map<string, Place>;
  /** Sentences; one is enough to refuse the configuration. */
  readonly problems: string[];
  /** Sentences about what works but is probably not meant. */
  readonly notes: string[];
}

export interface Place {
  /** What the person wrote: a variable, an option or a key. */
  readonly name: string;
  /** `environment`, `.env`, `file <NAME>_FILE`, the configuration file, or `command line`. */
  readonly origin: string;
}

/** How a sentence speaks of a value: by the name and origin that its reader knows it under. */
export function placeOf(places: ReadonlyMap<string, Place>, key: string): string {
  for (const outer of outward(key)) {
    const place = places.get(outer);
    // A part of what a variable holds has no name of its own.
    if (place !== undefined) return `${place.name === outer ? key : place.name} (${place.origin})`;
  }
  const origin = originOf(places, key);
  return origin === "default" ? key : `${key} (${origin})`;
}

/** Where a value came from. A value within a given one, or around given ones, shares their origin. */
export function originOf(places: ReadonlyMap<string, Place>, key: string): string {
  const [around] = outward(key).flatMap((outer) => places.get(outer) ?? []);
  const within = [...places].find(([given]) => given.startsWith(`${key}.`));
  return (around ?? within?.[1])?.origin ?? "default";
}

/** A key and those it is a part of, the innermost first. */
function outward(key: string): readonly string[] {
  const parts = key.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
}

/** @throws ParlorError `INVALID_CONFIG` that lists every problem, and the notes that may explain one. */
export function refuseProblems({ problems: found, notes }: Findings): void {
  // What two agents share is wrong once.
  const problems = [...new Set(found)];
  const [first] = problems;
  if (first === undefined) return;
  const list = problems.map((problem) => `- ${problem}`);
  const lines = problems.length === 1 ? [first] : [`The configuration has ${problems.length} problems:`, ...list];
  throw new ParlorError("INVALID_CONFIG", [...lines, ...notes.map((note) => `Note: ${note}`)].join("\n"));
}
