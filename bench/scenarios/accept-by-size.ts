import { join } from "node:path";
import { createSource } from "../../src/core/source.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASE } from "../filled/filled-homes.ts";
import { sourceOf } from "../filled/fill.ts";
import { createText } from "../filled/texts.ts";
import { manyCallers } from "../many-callers.ts";
import { type Contestant, compare, timedMs } from "../pairs.ts";
import { createRandom } from "../random.ts";
import type { Aim, Bench, Measure, Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const AIM: Aim = { atMost: 1.5 };

/** A store with many or few sessions. */
interface Side {
  readonly store: Store;
  readonly sessions: number;
}

interface Probe {
  readonly name: string;
  /** How many of the calls of a run this one makes. */
  readonly share: number;
  /** Makes the calls; in microseconds, what one of them takes. */
  readonly run: (side: Side, calls: number, round: number) => Promise<number>;
}

const PROBES: readonly Probe[] = [
  {
    name: "getOrCreate of a random stored session",
    share: 1,
    run: ({ store, sessions }, calls, round) => {
      const random = createRandom(round);
      return mean(1, calls, async () => void (await store.getOrCreate(sourceOf(Math.floor(random() * sessions)))));
    },
  },
  {
    name: "getOrCreate of a draft",
    share: 1,
    run: ({ store }, calls, round) =>
      mean(1, calls, async (call) => {
        await store.getOrCreate(createSource({ platform: "api", user: `stranger-${round}-${call}` }));
      }),
  },
  {
    name: "accept into a random session, one caller, median",
    share: 0.2,
    run: async (side, calls, round) => {
      const accept = accepting(side, "one", round);
      const taken: number[] = [];
      for (let call = 0; call < calls; call += 1) taken.push(1000 * (await timedMs(() => accept(call))));
      return median(taken);
    },
  },
  {
    name: "accept into a random session, one caller, mean with checkpoints and merges",
    share: 0.2,
    run: (side, calls, round) => mean(1, calls, accepting(side, "mean", 1_000 + round)),
  },
  {
    name: "accept into a random session, 128 callers",
    share: 1,
    run: (side, calls, round) => mean(128, calls, accepting(side, "many", 2_000 + round)),
  },
];

export const acceptBySize: Scenario = {
  name: "accept-by-size",
  compares:
    "store.getOrCreate and store.accept among many stored sessions and among few, the sessions drawn evenly at random",
  run: async (bench) => {
    const { fewSessions, manySessions, calls, pairs } = bench.sizes;
    await using few = await openCopy(bench, fewSessions);
    await using many = await openCopy(bench, manySessions);
    const measures: Measure[] = [];
    for (const { name, share, run } of PROBES) {
      const contestant = (store: Store, sessions: number): Contestant => {
        let round = 0;
        return {
          name: `among ${sessions.toLocaleString("en")} sessions`,
          run: () => {
            round += 1;
            return run({ store, sessions }, Math.ceil(calls * share), round);
          },
        };
      };
      const ours = contestant(many, manySessions);
      measures.push(await compare({ name, ours, other: contestant(few, fewSessions), unit: "µs", aim: AIM, pairs }));
    }
    return { measures, figures: [] };
  },
};

async function openCopy(bench: Bench, sessions: number): Promise<Store> {
  const folder = await bench.newFolder();
  await bench.filled.copy(sessions, folder);
  return openSqliteStore({ path: join(folder, DATABASE) });
}

/** A call that says something in a session drawn evenly at random. */
function accepting({ store, sessions }: Side, run: string, round: number): (call: number) => Promise<void> {
  const random = createRandom(round);
  return async (call) => {
    const source = sourceOf(Math.floor(random() * sessions));
    const { outcome } = await store.accept({ source, eventId: `${run}-${round}-${call}`, text: createText(random) });
    if (outcome !== "accepted") throw new Error(`Expected a message to be accepted; found ${outcome}.`);
  };
}

async function mean(callers: number, calls: number, call: (index: number) => Promise<void>): Promise<number> {
  return (1000 * (await timedMs(() => manyCallers(callers, calls, call)))) / calls;
}
