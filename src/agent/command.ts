import { basename } from "node:path";
import { boundedLines } from "../lib/bounded-lines.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { AgentError, type Agent, type AgentPart, type AgentTurn } from "./agent.ts";
import { readCommandLine } from "./command-line.ts";
import { chunksOf, reportStderr } from "./command-output.ts";
import { startCommand, type CommandLaunch, type CommandProcess } from "./command-process.ts";
import { exitWords } from "./exit-words.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface CommandAgentOptions {
  /** The program and its parameters. A name without a slash is looked for in the `PATH` of `env`. */
  readonly command: CommandLaunch["command"];
  /** Absolute: where the program starts. */
  readonly cwd: string;
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** More of it for each turn, such as what joins it to a trace. */
  readonly moreEnv?: () => Readonly<Record<string, string>>;
  /** How long it may be silent, in milliseconds; any line of the protocol ends the silence. Default: 60,000. */
  readonly idleTimeoutMs?: number;
  /** How long one turn may take, in milliseconds. Default: any time. */
  readonly totalTimeoutMs?: number;
  /** How long it may go on after `finish`, and after SIGTERM before SIGKILL, in milliseconds. Default: 2,000. */
  readonly graceMs?: number;
  /** Told of the first 100 lines that a turn writes to standard error, each cut at 1,000 characters. */
  readonly onStderr?: (line: string, turnId: string) => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

const MAX_LINE = 1_000_000;
const MAX_STDERR_LINES = 100;

/** An agent that is a program: one process a turn, which reads the turn as a line of JSON and answers in lines of JSON. */
export function createCommandAgent(options: CommandAgentOptions): Agent {
  const { idleTimeoutMs = 60_000, totalTimeoutMs = Infinity, graceMs = 2_000, clock = systemClock } = options;
  const name = basename(options.command[0]);

  async function* run(turn: AgentTurn, signal: AbortSignal): AsyncGenerator<AgentPart> {
    signal.throwIfAborted();
    using idle = createTimeLimit(clock, idleTimeoutMs);
    using total = createTimeLimit(clock, totalTimeoutMs);
    const stop = AbortSignal.any([signal, idle.signal, total.signal]);
    const env = { ...options.moreEnv?.(), ...options.env };
    await using program = await startCommand({ ...options, env, graceMs, clock });
    const end = (): void => void program[Symbol.asyncDispose]();
    const checkStop = (): void => {
      signal.throwIfAborted();
      if (idle.signal.aborted) throw tooSlow(`The command "${name}" wrote nothing for ${idleTimeoutMs} ms`);
      if (total.signal.aborted) throw tooSlow(`The command "${name}" had not finished after ${totalTimeoutMs} ms`);
    };
    let finish: AgentPart | null = null;
    stop.addEventListener("abort", end, { once: true });
    try {
      checkStop();
      total.restart();
      idle.restart();
      void reportStderr(program.stderr, MAX_STDERR_LINES, (line) => options.onStderr?.(line, turn.turnId));
      send(program, turn);
      for await (const { text, isCut } of boundedLines(chunksOf(program.stdout), MAX_LINE)) {
        checkStop();
        if (isCut) throw tooLong(name);
        const part = readCommandLine(text, name);
        idle.restart();
        if (part?.type === "finish") {
          finish = part;
          break;
        }
        if (part === null) continue;
        // The program is not silent while whoever listens is busy with what it said.
        idle.pause();
        yield part;
        checkStop();
        idle.restart();
      }
      idle.pause();
      checkStop();
      // It may still put something away; what it writes is not read.
      program.stdout.resume();
      const ended = await program.settle();
      checkStop();
      if (finish === null) throw unfinished(name, ended);
      yield finish;
    } catch (error) {
      // Whoever is told that it is over can rely on it.
      if (stop.aborted) await program[Symbol.asyncDispose]();
      throw error;
    } finally {
      stop.removeEventListener("abort", end);
    }
  }

  return { name, run };
}

/** The turn, on one line, and the end of the input. */
function send({ stdin }: CommandProcess, turn: AgentTurn): void {
  // A program need not read it.
  stdin.on("error", () => {});
  stdin.end(`${JSON.stringify(turn)}\n`);
}

function unfinished(name: string, ended: number | string | null): AgentError {
  return new AgentError(
    `The command "${name}" ${exitWords(ended)} before it wrote {"type":"finish"}; at log level debug, the log has what it wrote to standard error.`,
    { retryable: true },
  );
}

function tooLong(name: string): AgentError {
  return new AgentError(
    `The command "${name}" must write lines of at most ${MAX_LINE} characters; found a longer one. Send the text in pieces.`,
    { retryable: false },
  );
}

function tooSlow(what: string): AgentError {
  return new AgentError(`${what}. If it needs longer, raise the time-out.`, { retryable: true });
}
