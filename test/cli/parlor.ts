/** Runs the real command, in a folder of its own and with nothing in its environment but what is given. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";

const BIN = join(import.meta.dirname, "../../src/bin.ts");

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** The working directory. */
  readonly folder: string;
  /** The data directory, which does not exist yet. */
  readonly home: string;
}

/** A folder with these files, and a data directory to be made in it. */
export function createPlace(t: Pick<TestContext, "after">, files: Readonly<Record<string, string>> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "parlor-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return { folder, home: join(folder, "data") };
}

export type Environment = Readonly<Record<string, string>>;

/** Starts the command. */
export function spawnParlor(place: Place, args: readonly string[], env: Environment = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], optionsOf(place, env));
}

/** Runs the command with its standard output going into a file. */
export async function parlorInto(
  path: string,
  place: Place,
  args: readonly string[],
): Promise<Pick<Ended, "code" | "stderr">> {
  const file = openSync(path, "w");
  const child = spawn(process.execPath, [BIN, ...args], { ...optionsOf(place, {}), stdio: ["ignore", file, "pipe"] });
  closeSync(file);
  const [code, stderr] = await Promise.all([exitOf(child), textOf(child.stderr)]);
  return { code, stderr };
}

function optionsOf(place: Place, env: Environment): { readonly cwd: string; readonly env: Environment } {
  return { cwd: place.folder, env: { HOME: place.folder, PARLOR_HOME: place.home, ...env } };
}

/** Runs the command to its end. */
export async function parlor(place: Place, args: readonly string[], env?: Environment): Promise<Ended> {
  return await ended(spawnParlor(place, args, env));
}

/** Runs the command with `--json`; the document it prints, and nothing else. */
export async function parlorJson<T>(place: Place, args: readonly string[], env?: Environment): Promise<T> {
  const { stdout, stderr } = await parlor(place, [...args, "--json"], env);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as T;
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const [code, stdout, stderr] = await Promise.all([exitOf(child), textOf(child.stdout), textOf(child.stderr)]);
  return { code, stdout, stderr };
}

function textOf(stream: Readable | null): Promise<string> {
  assert.ok(stream !== null);
  return text(stream);
}

function exitOf(child: ChildProcess): Promise<Ended["code"]> {
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed up to now. */
  output(): string;
  /** Resolves when the output matches. */
  says(pattern: RegExp): Promise<void>;
  readonly end: Promise<Ended>;
}

/** Starts a command that runs until it is told to stop, and ends it with the test if nothing has before. */
export function runParlor(t: TestContext, place: Place, args: readonly string[], env?: Environment): Running {
  const child = spawnParlor(place, args, env);
  const end = ended(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await end;
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(output)) resolve();
      };
      child.stdout?.on("data", look);
      child.once("exit", () => reject(new Error(`it ended before it said ${String(pattern)}: ${output}`)));
      look();
    });
  return { child, output: () => output, says, end };
}

export interface Started extends Omit<Running, "child"> {
  readonly url: string;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a gateway on a free port, and ends it with the test if nothing has before. */
export async function startParlor(
  t: TestContext,
  place: Place,
  args: readonly string[] = [],
  env?: Environment,
): Promise<Started> {
  const { child, output, says, end } = runParlor(t, place, ["start", "--port", "0", ...args], env);
  await says(/^Stop|^}/m);
  const url = /http:\/\/[^\s"]+:\d+/.exec(output())?.[0];
  assert.ok(url !== undefined, output());
  return { url, output, says, kill: (signal) => child.kill(signal), end };
}
