import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Figure, Measure } from "../../bench/scenario.ts";

const bench = join(import.meta.dirname, "..", "..", "bench");

interface Result {
  readonly machine: Readonly<Record<string, unknown>>;
  readonly scenarios: readonly {
    readonly name: string;
    readonly compares: string;
    readonly measures: readonly Measure[];
    readonly figures: readonly Figure[];
  }[];
}

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runBench(...options: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(bench, "run.ts"), ...options], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : Number(error !== null), stdout, stderr });
    });
  });
}

describe("npm run bench", () => {
  test("runs every scenario and says what was met and what was missed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-bench-test-"));
    try {
      const json = join(folder, "result.json");
      const { code, stdout, stderr } = await runBench("--quick", "--json", json);
      assert.equal(code, 0, stderr);
      const { machine, scenarios } = JSON.parse(await readFile(json, "utf8")) as Result;

      assert.deepEqual(Object.keys(machine), ["node", "sqlite", "cores", "processor", "fsyncUs"]);
      const files = await readdir(join(bench, "scenarios"));
      assert.deepEqual(scenarios.map(({ name }) => `${name}.ts`).toSorted(), files.toSorted());
      for (const { name, measures, figures } of scenarios) {
        assert.ok(measures.length > 0, `${name} has an aim`);
        for (const measure of measures) assertSound(measure, stdout);
        for (const { name: figure, value } of figures) assert.ok(Number.isFinite(value), `${name}: ${figure}`);
      }
      const missed = scenarios.flatMap(({ measures }) => measures.filter(({ isMet }) => !isMet));
      assert.equal(stdout.includes("; MISSED: "), missed.length > 0, "the last line tells what was missed");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("refuses a scenario that does not exist, and lists those that do", async () => {
    const { code, stderr } = await runBench("accept-by-magic");
    assert.equal(code, 2);
    assert.match(stderr, /There is no scenario accept-by-magic\. Name one or more of accept-over-http, /);
  });
});

/** Its verdict follows from value and aim, and is printed. */
function assertSound({ name, value, aim, isMet, figures }: Measure, stdout: string): void {
  assert.ok(Number.isFinite(value), `${name} has a value`);
  assert.equal(isMet, "atLeast" in aim ? value >= aim.atLeast : value <= aim.atMost, `the verdict on ${name}`);
  assert.ok(stdout.includes(`${isMet ? "met   " : "MISSED"}  ${name}: `), `${name} is printed`);
  for (const figure of figures) assert.ok(Number.isFinite(figure.value), `${name}: ${figure.name}`);
}
