import { Child } from "../children/child.ts";
import type { ReadersAnswer, ReadersQuestion } from "../children/event-readers.ts";
import type { StreamAnswer, StreamQuestion } from "../children/streaming-gateway.ts";
import { type Bench, type Figure, type Scenario, measure } from "../scenario.ts";
import { median } from "../statistics.ts";

const MB = 1_000_000;
const SESSIONS = 100;
const READERS = 200;
/** Long enough for the buffers of the kernel to fill up for who does not read. */
const RUNS_LONG = 8;
const MOST_ROUNDS = 3;

interface Round {
  readonly alone: StreamAnswer;
  readonly read: StreamAnswer;
  readonly readers: ReadersAnswer;
  readonly stalled: ReadersAnswer;
}

export const liveReaders: Scenario = {
  name: "live-readers",
  compares: `${SESSIONS} sessions whose agent says a word every 20 ms, read live by ${READERS} sockets and one that never reads, with the same sessions and no reader`,
  run: async (bench) => {
    const rounds: Round[] = [];
    while (rounds.length < Math.min(MOST_ROUNDS, bench.sizes.pairs)) rounds.push(await playRound(bench));
    const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
    const each = (read: number, alone: number): number => (read - alone) / READERS / MB;
    return {
      measures: [
        measure({
          name: "event loop held longer, at the 99th percentile, than without readers",
          value: of(({ read, alone }) => read.p99Ms - alone.p99Ms),
          unit: "ms",
          aim: { atMost: 10 },
          figures: [
            { name: "99 % of the timers late by at most", value: of(({ read }) => read.p99Ms), unit: "ms" },
            { name: "the same without readers", value: of(({ alone }) => alone.p99Ms), unit: "ms" },
            { name: "half of the timers late by at most", value: of(({ read }) => read.p50Ms), unit: "ms" },
            { name: "the same without readers", value: of(({ alone }) => alone.p50Ms), unit: "ms" },
            { name: "the latest timer late by", value: of(({ read }) => read.maxMs), unit: "ms" },
            { name: "the same without readers", value: of(({ alone }) => alone.maxMs), unit: "ms" },
          ],
        }),
        measure({
          name: "resident memory for each reader",
          value: of(({ read, alone }) => each(read.residentBytes, alone.residentBytes)),
          unit: "MB",
          aim: { atMost: 0.26 },
          figures: [
            {
              name: "heap and buffers for each reader, garbage collected",
              value: of(({ read, alone }) => each(read.heapBytes, alone.heapBytes)),
              unit: "MB",
            },
          ],
        }),
        measure({
          name: "readers that keep up and were cut off",
          value: Math.max(...rounds.map(({ readers }) => readers.cut)),
          unit: "",
          aim: { atMost: 0 },
          figures: [],
        }),
        measure({
          name: "times that the one that never reads was cut off",
          value: rounds.filter(({ stalled }) => stalled.cut > 0).length / rounds.length,
          unit: "",
          aim: { atLeast: 1 },
          figures: [],
        }),
      ],
      figures: [
        { name: "given to readers", value: of(({ readers }) => readers.bytes) / MB, unit: "MB" },
        ...busy(
          of(({ read }) => read.busyShare),
          of(({ alone }) => alone.busyShare),
        ),
      ],
    };
  },
};

function busy(read: number, alone: number): readonly Figure[] {
  return [
    { name: "the event loop was busy, of a second", value: read, unit: "s" },
    { name: "the event loop was busy without readers, of a second", value: alone, unit: "s" },
  ];
}

/** Streams to nobody, then to readers, in a gateway of its own. */
async function playRound(bench: Bench): Promise<Round> {
  const { child, ready } = await Child.start<{ readonly port: number }>(
    new URL("../children/streaming-gateway.ts", import.meta.url),
    { arguments: [await bench.newFolder()], flags: ["--expose-gc"] },
  );
  await using gateway = child;
  await using sockets = (await Child.start(new URL("../children/event-readers.ts", import.meta.url))).child;
  const stream = (forMs: number): Promise<StreamAnswer> =>
    gateway.ask<StreamAnswer>({ sessions: SESSIONS, forMs } satisfies StreamQuestion);
  const ask = (question: ReadersQuestion): Promise<ReadersAnswer> => sockets.ask<ReadersAnswer>(question);
  const forMs = RUNS_LONG * bench.sizes.runMs;
  await stream(bench.sizes.runMs);
  const alone = await stream(forMs);
  await ask({ ask: "open", port: ready.port, readers: READERS });
  const streaming = stream(forMs);
  const readers = await ask({ ask: "wait", replies: SESSIONS });
  const read = await streaming;
  return { alone, read, readers, stalled: await ask({ ask: "stalled" }) };
}
