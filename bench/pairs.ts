/**
 * Two contestants that take turns, so that whatever else the machine does meets both: A B A B …
 * Each pair gives one ratio; the median of those is the result, and no ratio is made of two runs that
 * lie apart.
 */
import { type Aim, type Figure, type Measure, type Unit, measure } from "./scenario.ts";
import { median } from "./statistics.ts";

export interface Contestant {
  readonly name: string;
  /** One run, and the number it comes to. */
  run(): Promise<number> | number;
}

export interface Comparison {
  readonly name: string;
  readonly ours: Contestant;
  readonly other: Contestant;
  /** Of what `run` returns. */
  readonly unit: Unit;
  /** For ours divided by the other. */
  readonly aim: Aim;
  readonly pairs: number;
}

/** Runs each once to warm up, then in turns. */
export async function compare({ name, ours, other, unit, aim, pairs }: Comparison): Promise<Measure> {
  await ours.run();
  await other.run();
  const found: { readonly ours: number; readonly other: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) found.push({ ours: await ours.run(), other: await other.run() });
  const ratios = found.map((pair) => pair.ours / pair.other);
  const figures: Figure[] = [
    { name: ours.name, value: median(found.map((pair) => pair.ours)), unit },
    { name: other.name, value: median(found.map((pair) => pair.other)), unit },
    { name: "lowest ratio of a pair", value: Math.min(...ratios), unit: "times" },
    { name: "highest ratio of a pair", value: Math.max(...ratios), unit: "times" },
  ];
  return measure({ name, value: median(ratios), unit: "times", aim, figures });
}

/** How long `work` takes, in milliseconds. */
export async function timedMs(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
