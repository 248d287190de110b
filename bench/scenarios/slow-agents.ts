import { Child } from "../children/child.ts";
import type { SlowAnswer, SlowQuestion } from "../children/slow-agents.ts";
import { type Bench, type Scenario, measure } from "../scenario.ts";
import { median } from "../statistics.ts";

const SESSIONS = 2_000;
const RUNS_LONG = 5;
const MOST_ROUNDS = 3;
/** A short run takes part of them. */
const QUICK_SHARE = 0.1;

interface Round {
  readonly gateway: SlowAnswer;
  readonly memory: SlowAnswer;
}

export const slowAgents: Scenario = {
  name: "slow-agents",
  compares: `${SESSIONS.toLocaleString("en")} sessions answered at once by agents that say a word every 500 ms, with the same agents behind a queue in memory`,
  run: async (bench) => {
    const rounds: Round[] = [];
    while (rounds.length < Math.min(MOST_ROUNDS, bench.sizes.pairs)) {
      rounds.push({ gateway: await play(bench, "gateway"), memory: await play(bench, "memory") });
    }
    const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
    const started = (name: string, pick: (answer: SlowAnswer) => number, atMost: number) =>
      measure({
        name: `from accepted to the agent started, ${name}`,
        value: of(({ gateway, memory }) => pick(gateway) / pick(memory)),
        unit: "times",
        aim: { atMost },
        figures: [
          { name: "behind the gateway", value: of(({ gateway }) => pick(gateway)), unit: "ms" },
          { name: "behind a queue in memory", value: of(({ memory }) => pick(memory)), unit: "ms" },
        ],
      });
    return {
      measures: [
        measure({
          name: "memory for each idle session, garbage collected",
          value: of(({ gateway }) => gateway.idleBytes),
          unit: "bytes",
          aim: { atMost: 500 },
          figures: [],
        }),
        measure({
          name: "memory for each running turn, garbage collected",
          value: of(({ gateway }) => gateway.runningBytes),
          unit: "bytes",
          aim: { atMost: 50_000 },
          figures: [
            { name: "behind a queue in memory", value: of(({ memory }) => memory.runningBytes), unit: "bytes" },
          ],
        }),
        measure({
          name: "event loop held longer, at the 99th percentile, than behind a queue in memory",
          value: of(({ gateway, memory }) => gateway.p99Ms - memory.p99Ms),
          unit: "ms",
          aim: { atMost: 10 },
          figures: [
            { name: "99 % of the timers late by at most", value: of(({ gateway }) => gateway.p99Ms), unit: "ms" },
            { name: "the same behind a queue in memory", value: of(({ memory }) => memory.p99Ms), unit: "ms" },
            { name: "half of the timers late by at most", value: of(({ gateway }) => gateway.p50Ms), unit: "ms" },
            { name: "the same behind a queue in memory", value: of(({ memory }) => memory.p50Ms), unit: "ms" },
          ],
        }),
        started("median", ({ startP50Ms }) => startP50Ms, 100),
        started("99th percentile", ({ startP99Ms }) => startP99Ms, 50),
      ],
      figures: [
        { name: "the event loop was busy, of a second", value: of(({ gateway }) => gateway.busyShare), unit: "s" },
        {
          name: "the event loop was busy behind a queue in memory, of a second",
          value: of(({ memory }) => memory.busyShare),
          unit: "s",
        },
      ],
    };
  },
};

async function play(bench: Bench, behind: "gateway" | "memory"): Promise<SlowAnswer> {
  const { child } = await Child.start(new URL("../children/slow-agents.ts", import.meta.url), {
    arguments: [behind, await bench.newFolder()],
    flags: ["--expose-gc"],
  });
  await using agents = child;
  const isQuick = bench.sizes.pairs === 1;
  const question: SlowQuestion = {
    sessions: isQuick ? SESSIONS * QUICK_SHARE : SESSIONS,
    forMs: RUNS_LONG * bench.sizes.runMs,
  };
  // Awaited here: the child ends with this block.
  return await agents.ask<SlowAnswer>(question);
}
