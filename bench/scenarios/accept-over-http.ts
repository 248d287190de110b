import { Child } from "../children/child.ts";
import type { LoadAnswer, LoadQuestion } from "../children/load.ts";
import { type Contestant, compare } from "../pairs.ts";
import type { Aim, Bench, Figure, Measure, Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const CONNECTIONS = 128;

interface ServerReady {
  readonly port: number;
}

interface Server {
  readonly file: URL;
  readonly kind?: string;
}

const LOAD = new URL("../children/load.ts", import.meta.url);
const BARE_SERVER = new URL("../children/bare-server.ts", import.meta.url);
const ACCEPT_SERVER = new URL("../children/accept-server.ts", import.meta.url);
const GATEWAY = new URL("../children/gateway.ts", import.meta.url);

const ACCEPTING: Server = { file: ACCEPT_SERVER, kind: "stored" };
const OTHERS: readonly { readonly name: string; readonly aim: Aim; readonly server: Server }[] = [
  {
    name: "the same route and validation, nothing stored",
    aim: { atLeast: 0.75 },
    server: { file: ACCEPT_SERVER, kind: "not-stored" },
  },
  { name: "bare node:http, nothing stored", aim: { atLeast: 0.55 }, server: { file: BARE_SERVER } },
  {
    name: "one commit for each request",
    aim: { atLeast: 6 },
    server: { file: ACCEPT_SERVER, kind: "one-by-one" },
  },
];

export const acceptOverHttp: Scenario = {
  name: "accept-over-http",
  compares: `POST /api/chats/{chat}/messages (${CONNECTIONS} connections, 200-byte texts, 5,000 chats; stored with fsync, answered 202) with servers that do less`,
  run: async (bench) => {
    const measures: Measure[] = [];
    for (const { name, aim, server } of OTHERS) measures.push(await contest(bench, name, aim, server));
    return { measures, figures: await wholeGateway(bench) };
  },
};

async function contest(bench: Bench, name: string, aim: Aim, other: Server): Promise<Measure> {
  await using load = (await Child.start(LOAD)).child;
  await using oursRunning = await start(bench, ACCEPTING);
  await using otherRunning = await start(bench, other);
  const ours = underLoad(bench, load, "Parlor", oursRunning.port);
  const rival = underLoad(bench, load, name, otherRunning.port);
  const found = await compare({
    name: `requests per second against ${name}`,
    ours: ours.contestant,
    other: rival.contestant,
    unit: "/s",
    aim,
    pairs: bench.sizes.pairs,
  });
  return { ...found, figures: [...found.figures, ...ours.latencies(), ...rival.latencies()] };
}

/** What the gateway does when it also answers: it takes turns while messages come in. */
async function wholeGateway(bench: Bench): Promise<readonly Figure[]> {
  await using load = (await Child.start(LOAD)).child;
  await using running = await start(bench, { file: GATEWAY });
  const { contestant, latencies } = underLoad(
    bench,
    load,
    "a whole gateway, the echo agent answering meanwhile",
    running.port,
  );
  const runs: number[] = [];
  for (let run = 0; run <= bench.sizes.pairs; run += 1) runs.push(await contestant.run());
  return [{ name: contestant.name, value: median(runs.slice(1)), unit: "/s" }, ...latencies()];
}

interface UnderLoad {
  readonly contestant: Contestant;
  readonly latencies: () => readonly Figure[];
}

function underLoad(bench: Bench, load: Child, name: string, port: number): UnderLoad {
  const answers: LoadAnswer[] = [];
  const run = async (): Promise<number> => {
    const question: LoadQuestion = { port, connections: CONNECTIONS, forMs: bench.sizes.runMs };
    const answer = await load.ask<LoadAnswer>(question);
    answers.push(answer);
    return answer.perSecond;
  };
  return {
    contestant: { name, run },
    latencies: () => [
      { name: `${name}, half of the answers within`, value: median(answers.map((answer) => answer.p50Ms)), unit: "ms" },
      { name: `${name}, 99 % of the answers within`, value: median(answers.map((answer) => answer.p99Ms)), unit: "ms" },
    ],
  };
}

interface Running extends AsyncDisposable {
  readonly port: number;
}

async function start(bench: Bench, { file, kind }: Server): Promise<Running> {
  const folder = await bench.newFolder();
  const { child: server, ready } = await Child.start<ServerReady>(file, {
    arguments: kind === undefined ? [folder] : [kind, folder],
  });
  return { port: ready.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
