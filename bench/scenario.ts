/** What a scenario is given, and what it finds. */
import type { FilledHomes } from "./filled/filled-homes.ts";

export interface Scenario {
  /** As it is named on the command line. */
  readonly name: string;
  /** What is compared with what, in one sentence. */
  readonly compares: string;
  run(bench: Bench): Promise<Findings>;
}

export interface Bench {
  readonly sizes: Sizes;
  readonly filled: FilledHomes;
  /** Makes an empty folder that is removed at the end. */
  newFolder(): Promise<string>;
}

export interface Sizes {
  readonly fewSessions: number;
  readonly manySessions: number;
  readonly signals: number;
  /** How often two contestants take turns. */
  readonly pairs: number;
  /** How long one run over HTTP lasts. */
  readonly runMs: number;
  /** How many calls one run without HTTP makes. */
  readonly calls: number;
}

export interface Findings {
  readonly measures: readonly Measure[];
  /** Without an aim: numbers of this machine, to be read beside the measures. */
  readonly figures: readonly Figure[];
}

/** A value that has an aim. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly aim: Aim;
  readonly isMet: boolean;
  /** What the value was made of: numbers of this machine. */
  readonly figures: readonly Figure[];
}

export type Aim = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
}

/** Empty: a bare number. */
export type Unit = "" | "times" | "/s" | "µs" | "ms" | "s" | "MB" | "bytes";

export function measure(found: Omit<Measure, "isMet">): Measure {
  const { value, aim } = found;
  return { ...found, isMet: "atLeast" in aim ? value >= aim.atLeast : value <= aim.atMost };
}
