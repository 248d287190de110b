/**
 * Runs the benchmarks: `npm run bench -- [scenario …] [--quick] [--json FILE] [--data FOLDER]`
 * `--data` keeps the filled databases in a folder for the next run.
 *
 * Exits 0 when every scenario ran, also where an aim was missed: that is printed.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createFilledHomes } from "./filled/filled-homes.ts";
import { examineMachine } from "./machine.ts";
import { closingLines, machineLines, scenarioLines } from "./report.ts";
import type { Bench, Findings, Scenario, Sizes } from "./scenario.ts";
import { acceptBySize } from "./scenarios/accept-by-size.ts";
import { acceptInStore } from "./scenarios/accept-in-store.ts";
import { acceptOverHttp } from "./scenarios/accept-over-http.ts";
import { firstPage } from "./scenarios/first-page.ts";
import { liveReaders } from "./scenarios/live-readers.ts";
import { signals } from "./scenarios/signals.ts";
import { slowAgents } from "./scenarios/slow-agents.ts";
import { startUp } from "./scenarios/start-up.ts";

const SCENARIOS: readonly Scenario[] = [
  acceptOverHttp,
  acceptInStore,
  acceptBySize,
  signals,
  startUp,
  firstPage,
  liveReaders,
  slowAgents,
];

const FULL: Sizes = {
  fewSessions: 1_000,
  manySessions: 1_000_000,
  signals: 1_000_000,
  pairs: 7,
  runMs: 2_000,
  calls: 5_000,
};
const QUICK: Sizes = { fewSessions: 1_000, manySessions: 20_000, signals: 20_000, pairs: 1, runMs: 100, calls: 500 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    data: { type: "string" },
  },
});
const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  const names = SCENARIOS.map(({ name }) => name).join(", ");
  console.error(`There is no scenario ${unknown.join(", ")}. Name one or more of ${names}, or none for all.`);
  process.exitCode = 2;
} else {
  const folder = await mkdtemp(join(tmpdir(), "parlor-bench-"));
  try {
    const isChosen = ({ name }: Scenario): boolean => positionals.length === 0 || positionals.includes(name);
    await run(SCENARIOS.filter(isChosen), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(scenarios: readonly Scenario[], folder: string): Promise<void> {
  const say = (line: string): void => console.error(line);
  const data = values.data === undefined ? folder : resolve(values.data);
  await mkdir(data, { recursive: true });
  const machine = examineMachine(folder);
  print(machineLines(machine));
  const bench: Bench = {
    sizes: values.quick ? QUICK : FULL,
    filled: createFilledHomes(data, say),
    newFolder: () => mkdtemp(join(folder, "run-")),
  };
  const results: (Findings & Pick<Scenario, "name" | "compares">)[] = [];
  for (const scenario of scenarios) {
    const findings = await scenario.run(bench);
    print(scenarioLines(scenario, findings));
    results.push({ name: scenario.name, compares: scenario.compares, ...findings });
  }
  print(closingLines(results.flatMap(({ measures }) => measures)));
  const result = { machine, isQuick: values.quick, scenarios: results };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}
