/**
 * An agent that speaks the Agent Client Protocol: one process for all sessions.
 *
 *     absent ──first turn──▶ starting ──▶ ready ──gone──▶ ended ──next turn──▶ starting …
 *
 * There is one process at a time: the next one starts when nothing of the one before is left. Each session of Parlor
 * has one of the agent's own; which, and what the agent has seen there, is in the session's note.
 */
import { basename } from "node:path";
import { systemClock, type Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import { fault, mayHaveLostSession, tooSlow } from "./acp-fault.ts";
import { readAcpNote, writeAcpNote } from "./acp-note.ts";
import { AcpRefused, openAcpProcess, type AcpProcess } from "./acp-process.ts";
import { createFileBlocks } from "./acp-files.ts";
import { acpPrompt } from "./acp-prompt.ts";
import { createAcpSessions, type AcpSessions, type TakenSession } from "./acp-sessions.ts";
import { runAcpTurn } from "./acp-turn.ts";
import { createAcpWatch, type AcpWatch } from "./acp-watch.ts";
import type { Agent, AgentPart, AgentPorts, AgentTurn } from "./agent.ts";
import type { AgentFiles } from "./agent-files.ts";
import type { CommandLaunch } from "./command-process.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface AcpAgentOptions {
  /** The program and its parameters. A name without a slash is looked for in the `PATH` of `env`. */
  readonly command: CommandLaunch["command"];
  /** Absolute: where the program starts, and where its sessions work. */
  readonly cwd: string;
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How long it may be silent while something is waited for, in milliseconds. Default: 300,000. */
  readonly idleTimeoutMs?: number;
  /** How long one turn may take, without the time in which a person is asked, in milliseconds. Default: any time. */
  readonly totalTimeoutMs?: number;
  /** Whether its requests for permission become questions to the person, or are all refused. Default: `ask`. */
  readonly permissions?: "ask" | "deny";
  /** How long it may take to stop a turn, and after SIGTERM before SIGKILL, in milliseconds. Default: 2,000. */
  readonly graceMs?: number;
  /** Told of the first 100 lines that it writes to standard error after the start of a turn, each cut at 1,000 characters. */
  readonly onStderr?: (line: string) => void;
  /** How images that people attach are fetched. Default: they are not; files are linked. */
  readonly files?: AgentFiles;
  /** Parlor's version, which it is told. Default: none. */
  readonly version?: string;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

const MAX_STDERR_LINES = 100;
/** A program that is silent for so long at its start does not speak the protocol. */
const MAX_START_MS = 120_000;

interface Running {
  readonly process: AcpProcess;
  readonly sessions: AcpSessions;
}

/** An agent that is a program of the Agent Client Protocol. Closing it ends the program. */
export function createAcpAgent(options: AcpAgentOptions): Agent {
  const { command, cwd, env, idleTimeoutMs = 300_000, totalTimeoutMs = Infinity, permissions = "ask" } = options;
  const { graceMs = 2_000, onStderr, version = "0", clock = systemClock } = options;
  const name = basename(command[0]);
  const closing = new AbortController();
  let stderrLines = 0;
  let current: Promise<Running> | null = null;

  async function start(): Promise<Running> {
    const launch = {
      command,
      cwd,
      env,
      graceMs,
      clock,
      name,
      startTimeoutMs: Math.min(idleTimeoutMs, MAX_START_MS),
      onStderr: (line: string) => {
        stderrLines += 1;
        if (stderrLines <= MAX_STDERR_LINES) onStderr?.(line);
      },
    };
    const process = await openAcpProcess(launch, version, closing.signal);
    return { process, sessions: createAcpSessions(process, cwd) };
  }

  /** The process that runs, or the next one. */
  async function running(): Promise<Running> {
    for (;;) {
      closing.signal.throwIfAborted();
      current ??= start();
      const starting = current;
      const forget = (): void => void (current = current === starting ? null : current);
      try {
        const found = await starting;
        if (!found.process.gone.aborted) return found;
        await found.process.ended;
        forget();
      } catch (error) {
        forget();
        throw error;
      }
    }
  }

  /** A process, and the session on it that nobody else has. */
  async function begin(turn: AgentTurn, stop: Stop): Promise<Begun> {
    const note = readAcpNote(turn.note);
    const before = await untilAborted(running(), stop.signal);
    // The turn before may still be stopping; when it does not, there will be another process.
    await untilAborted(before.sessions.rested(note), stop.signal);
    const { process, sessions } = await untilAborted(running(), stop.signal);
    const own = AbortSignal.any([stop.signal, process.gone]);
    stop.watch.wait();
    try {
      const session = await sessions.take(note, own, stop.watch.sign);
      return { process, session, own };
    } catch (error) {
      // Silent where it has nothing to think about: another process may do better.
      if (stop.isIdle()) await process.end(fault(`The agent "${name}" was ended: it did not open a session.`, true));
      throw error;
    } finally {
      stop.watch.rest();
    }
  }

  async function* answer(turn: AgentTurn, ports: AgentPorts, stop: Stop): AsyncGenerator<AgentPart> {
    const { process, session, own } = await begin(turn, stop);
    const seqs = turn.messages.flatMap(({ role, seq }) => (role === "user" && seq !== null ? [seq] : []));
    const told = Math.max(session.seen.told, ...seqs);
    let isNoted = !session.isNew;
    const keep = async (seen: number): Promise<void> => {
      const note = seqs.length === 0 ? null : writeAcpNote({ acpSession: session.id, told: seen });
      if (note === null) return;
      await untilAborted(ports.note(note), stop.signal);
      isNoted = true;
    };
    try {
      if (session.isNew) await keep(0);
      const { files = null } = options;
      const fileBlock = createFileBlocks({ files, images: process.can.images, source: turn.source, signal: own });
      const prompt = await acpPrompt(turn, session.seen, fileBlock);
      stderrLines = 0;
      const parts = runAcpTurn({
        process,
        sessionId: session.id,
        prompt,
        about: { turnId: turn.turnId, attempt: turn.attempt },
        permissions,
        graceMs,
        clock,
        ask: (question) => ports.ask(question),
        watch: stop.watch,
        stop: stop.signal,
        onEnded: (reason) => session.saw(told, reason === "cancelled" ? seqs : []),
      });
      for await (const part of parts) {
        if (part.type === "finish") await keep(told);
        yield part;
      }
    } catch (error) {
      if (error instanceof AcpRefused) {
        if (mayHaveLostSession(error.code, error.fault, turn.attempt)) session.forget();
        throw error.fault;
      }
      throw error;
    } finally {
      // Nobody will come back to a session that no note leads to.
      if (!isNoted) session.forget();
      session.release();
    }
  }

  async function* run(turn: AgentTurn, signal: AbortSignal, ports: AgentPorts): AsyncGenerator<AgentPart> {
    signal.throwIfAborted();
    using idle = createTimeLimit(clock, idleTimeoutMs);
    using total = createTimeLimit(clock, totalTimeoutMs);
    total.restart();
    const stop = {
      signal: AbortSignal.any([signal, idle.signal, total.signal, closing.signal]),
      watch: createAcpWatch(idle, total),
      isIdle: () => idle.signal.aborted,
    };
    try {
      yield* answer(turn, ports, stop);
    } catch (error) {
      signal.throwIfAborted();
      if (idle.signal.aborted) throw tooSlow(`The agent "${name}" was silent for ${idleTimeoutMs} ms`);
      if (total.signal.aborted) throw tooSlow(`The agent "${name}" had not finished after ${totalTimeoutMs} ms`);
      throw error;
    }
  }

  return {
    name,
    run,
    close: async () => {
      const closed = fault(`The agent "${name}" was closed.`, true);
      closing.abort(closed);
      const found = await current?.catch(() => null);
      await found?.process.end(closed);
    },
  };
}

interface Stop {
  readonly signal: AbortSignal;
  readonly watch: AcpWatch;
  readonly isIdle: () => boolean;
}

interface Begun {
  readonly process: AcpProcess;
  readonly session: TakenSession;
  /** Aborted as well when the process is gone. */
  readonly own: AbortSignal;
}
