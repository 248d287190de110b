import { join } from "node:path";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { StoreReader } from "../../src/store/reader.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASE } from "../filled/filled-homes.ts";
import { COMMON_WORD, OTHER_COMMON_WORD, PHRASE, RARE_WORD, FREQUENT_WORD } from "../filled/texts.ts";
import { type Contestant, compare, timedMs } from "../pairs.ts";
import type { Aim, Bench, Figure, Measure, Scenario } from "../scenario.ts";

const LIST: Aim = { atMost: 1.5 };
const SEARCH: Aim = { atMost: 3 };

interface Page {
  readonly name: string;
  readonly aim: Aim;
  readonly read: (reader: StoreReader) => Promise<{ readonly items: readonly unknown[] }>;
}

const PAGES: readonly Page[] = [
  { name: "list", aim: LIST, read: (reader) => reader.list() },
  { name: "list of a platform", aim: LIST, read: (reader) => reader.list({ platform: "telegram" }) },
  { name: "list of the live", aim: LIST, read: (reader) => reader.list({ live: true }) },
  {
    name: "list of the ended of a platform",
    aim: LIST,
    read: (reader) => reader.list({ platform: "api", live: false }),
  },
  search("a rare word (20 messages)", RARE_WORD),
  search("a common word (a third of all messages)", COMMON_WORD),
  search("a Chinese phrase (1 in 15)", PHRASE),
  search("two words that meet (1 in 15)", `${COMMON_WORD} ${FREQUENT_WORD}`),
];

function search(name: string, text: string): Page {
  return { name: `search for ${name}`, aim: SEARCH, read: (reader) => reader.search({ text }) };
}

/** The most a search can cost: it goes through every message that holds either word. */
const WORST = search("two common words that never meet", `${COMMON_WORD} ${OTHER_COMMON_WORD}`);

export const firstPage: Scenario = {
  name: "first-page",
  compares: "the first page of a list and of a search among many messages and among few",
  run: async (bench) => {
    const { fewSessions, manySessions, calls, pairs } = bench.sizes;
    await using few = await openFilled(bench, fewSessions);
    await using many = await openFilled(bench, manySessions);
    const reads = Math.ceil(calls / 50);
    const contestant = ({ read }: Page, { reader }: Store, messages: number): Contestant => ({
      name: `among ${messages.toLocaleString("en")} messages`,
      run: async () => (1000 * (await timedMs(() => again(reads, () => read(reader))))) / reads,
    });
    const measures: Measure[] = [];
    for (const page of PAGES) {
      const ours = contestant(page, many, manySessions);
      const other = contestant(page, few, fewSessions);
      measures.push(await compare({ name: page.name, ours, other, unit: "µs", aim: page.aim, pairs }));
    }
    const worst: Figure = {
      name: `${WORST.name}, among ${manySessions.toLocaleString("en")} messages`,
      value: await timedMs(async () => void (await WORST.read(many.reader))),
      unit: "ms",
    };
    return { measures, figures: [worst] };
  },
};

async function openFilled(bench: Bench, sessions: number): Promise<Store> {
  return openSqliteStore({ path: join(await bench.filled.of(sessions), DATABASE) });
}

async function again(times: number, read: () => Promise<{ readonly items: readonly unknown[] }>): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { items } = await read();
    if (items.length === 0) throw new Error("The page is empty; there is something to find in every filled database.");
  }
}
