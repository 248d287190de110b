/**
 * A program in a process group of its own. However it is left, nothing of the group goes on: SIGTERM, and
 * SIGKILL for what is still there after the grace. A process that makes itself another group is not found.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";
import { AgentError } from "./agent.ts";

export interface CommandLaunch {
  readonly command: readonly [program: string, ...parameters: string[]];
  /** Absolute. */
  readonly cwd: string;
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the configuration speaks of it, such as `mcp.files`; default: `agent`. */
  readonly setting?: string;
  /** How long it may take to end by itself, and then to end when it is asked to. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/** Disposing of it ends the group and returns when that is gone. */
export interface CommandProcess extends AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the program has ended, whatever it leaves behind. */
  readonly exited: Promise<void>;
  /** Gives the program the grace to end by itself. Returns its exit code, or the signal that ended it; null: it goes on. */
  settle(): Promise<number | string | null>;
}

/** The groups that must not outlive this process. */
const groups = new Set<number>();
const killGroups = (): void => groups.forEach((group) => signalGroup(group, "SIGKILL"));

/** @throws AgentError when it cannot be started; permanent when another attempt would only repeat that. */
export async function startCommand(launch: CommandLaunch): Promise<CommandProcess> {
  const { graceMs, clock } = launch;
  const child = await spawned(launch);
  const group = child.pid;
  if (groups.size === 0) process.on("exit", killGroups);
  groups.add(group);
  let ending: Promise<void> | null = null;

  // Events of a child are told once: who asks later asks these.
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  async function afterGrace(work: Promise<void>): Promise<void> {
    const grace = Promise.withResolvers<void>();
    const cancel = clock.timer(graceMs, grace.resolve);
    await Promise.race([work, grace.promise]);
    cancel();
  }
  async function end(): Promise<void> {
    const over = new AbortController();
    signalGroup(group, "SIGTERM");
    await afterGrace(exited.then(() => gone(group, over.signal)));
    over.abort();
    signalGroup(group, "SIGKILL");
    await exited;
    groups.delete(group);
    if (groups.size === 0) process.off("exit", killGroups);
  }
  function endOnce(): Promise<void> {
    ending ??= end();
    return ending;
  }
  // What the program leaves behind could keep its output open for ever.
  void exited.then(endOnce);

  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    settle: async () => {
      await afterGrace(exited);
      return child.exitCode ?? child.signalCode;
    },
    [Symbol.asyncDispose]: async () => {
      await endOnce();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
  };
}

type Spawned = ChildProcessByStdio<Writable, Readable, Readable> & { readonly pid: number };

async function spawned(launch: CommandLaunch): Promise<Spawned> {
  const {
    command: [program, ...parameters],
    cwd,
    env,
  } = launch;
  try {
    const child = spawn(program, parameters, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    await once(child, "spawn");
    return child as Spawned;
  } catch (error) {
    throw await startFault(launch, error instanceof Error && "code" in error ? String(error.code) : "unknown");
  }
}

async function startFault(
  { command: [program], cwd, setting = "agent" }: CommandLaunch,
  code: string,
): Promise<AgentError> {
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    return permanent(
      `The command "${program}" must start in a directory that exists; found none at ${cwd}. Set ${setting}.cwd.`,
    );
  }
  if (code === "ENOENT") {
    return permanent(
      `The command "${program}" was not found, or what its first line names was not. Install it, or set ${setting}.command to its path.`,
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return permanent(`The command "${program}" may not be executed (${code}). Make it executable: chmod +x.`);
  }
  if (code === "E2BIG") return permanent(`The command "${program}" has more parameters than the system takes.`);
  return new AgentError(`The command "${program}" could not be started (${code}).`, { retryable: true });
}

function permanent(message: string): AgentError {
  return new AgentError(message, { retryable: false });
}

/** Returns when no process of the group is left, or when it is no longer asked. */
async function gone(group: number, over: AbortSignal): Promise<void> {
  while (!over.aborted && signalGroup(group, 0)) await sleep(10);
}

/** Whether there was a process to signal. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // Nothing is left of it, or of what is left nothing is ours.
    return false;
  }
}
