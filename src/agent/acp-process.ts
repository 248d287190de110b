/**
 * A program that speaks the Agent Client Protocol, from its start to its end.
 *
 *     starting ──initialized──▶ ready ──exit, or something that is not of the protocol──▶ gone ──▶ ended
 *         └──silent, or not one that can be used──▶ gone
 *
 * Gone: nothing is asked of it any more, and the reason is known. Ended: no process of its group is left.
 */
import type { RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import type { Clock } from "../lib/clock.ts";
import { settlesWithin } from "../lib/sleep.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import { ACP_VERSION, readAbilities, type AcpAbilities } from "./acp-abilities.ts";
import { notProtocol, processEnded, refusalFault, startRefusal, tooSlow } from "./acp-fault.ts";
import { NOT_CHOSEN } from "./acp-permission.ts";
import { acpStream } from "./acp-stream.ts";
import { AgentError } from "./agent.ts";
import { reportStderr } from "./command-output.ts";
import { startCommand, type CommandLaunch } from "./command-process.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface AcpLaunch extends Omit<CommandLaunch, "clock"> {
  readonly clock: Clock;
  /** What it is called in errors. */
  readonly name: string;
  /** How long it may take to say what it can do, in milliseconds. */
  readonly startTimeoutMs: number;
  /** Told of what it writes to standard error, each line cut at 1,000 characters. */
  readonly onStderr: (line: string) => void;
}

/** What hears of a session of the agent's own. */
export interface AcpListener {
  /** @param update - Unchecked. */
  update(update: unknown): void;
  permission(request: RequestPermissionRequest): Promise<RequestPermissionResponse>;
}

export interface AcpProcess {
  readonly name: string;
  readonly can: AcpAbilities;
  /** Aborted when it is gone; the reason is an AgentError. */
  readonly gone: AbortSignal;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  /**
   * Asks for something; what comes back is unchecked.
   *
   * @throws AcpRefused when the agent answers with an error; AgentError when it is gone.
   */
  ask(method: string, params: unknown): Promise<unknown>;
  /** Tells something. */
  tell(method: string, params: unknown): void;
  /** Of one session only one listens; who comes later takes over. */
  listen(sessionId: string, listener: AcpListener): Disposable;
  /** Ends the group: SIGTERM, and SIGKILL after the grace. Resolves when it has ended. */
  end(why: AgentError): Promise<void>;
}

/** The agent has answered a request with an error. */
export class AcpRefused extends Error {
  override readonly name = "AcpRefused";
  readonly code: number;
  /** What that is to a turn. */
  readonly fault: AgentError;

  constructor(code: number, fault: AgentError) {
    super(fault.message);
    this.code = code;
    this.fault = fault;
  }
}

/**
 * Starts it and asks it what it can do.
 *
 * @throws AgentError when it cannot be started or used; permanent when another attempt would only repeat that.
 * The reason of the signal when that is aborted meanwhile. Nothing of it is left then.
 */
export async function openAcpProcess(launch: AcpLaunch, version: string, signal: AbortSignal): Promise<AcpProcess> {
  const { name, clock, startTimeoutMs } = launch;
  const { client, methods, RequestError } = await import("@agentclientprotocol/sdk");
  const program = await startCommand(launch);
  const gone = new AbortController();
  const over = Promise.withResolvers<void>();
  const listeners = new Map<string, AcpListener>();
  let isStarting = true;
  let logins: readonly string[] = [];

  async function end(why: AgentError): Promise<void> {
    if (!gone.signal.aborted) {
      gone.abort(why);
      await program[Symbol.asyncDispose]();
      over.resolve();
    }
    return over.promise;
  }

  void reportStderr(program.stderr, Infinity, launch.onStderr);
  const stream = acpStream(program, {
    onUpdate: (sessionId, update) => listeners.get(sessionId)?.update(update),
    onNotProtocol: (found) => void end(notProtocol(name, found, isStarting)),
  });
  const connection = client({ name: "parlor" })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const listener = listeners.get(params.sessionId);
      return listener === undefined ? NOT_CHOSEN : listener.permission(params);
    })
    .connect(stream);
  // What has left its group may keep its output open for ever.
  const fellSilent = program.exited.then(() => settlesWithin(clock, launch.graceMs, connection.closed));
  void Promise.race([connection.closed, fellSilent]).then(async () => end(processEnded(name, await program.settle())));

  async function ask(method: string, params: unknown): Promise<unknown> {
    try {
      return await connection.agent.request(method, params);
    } catch (error) {
      if (error instanceof RequestError) {
        const { code } = error;
        throw new AcpRefused(
          code,
          isStarting ? startRefusal(name, error, logins) : refusalFault(name, method, error, logins),
        );
      }
      // The connection is closed: why, is known in a moment.
      await connection.closed;
      if (!gone.signal.aborted) await new Promise((resolve) => gone.signal.addEventListener("abort", resolve));
      throw gone.signal.reason;
    }
  }

  async function initialize(): Promise<AcpAbilities> {
    using limit = createTimeLimit(clock, startTimeoutMs);
    limit.restart();
    const request = {
      protocolVersion: ACP_VERSION,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "parlor", title: "Parlor", version },
    };
    try {
      const waiting = AbortSignal.any([signal, limit.signal]);
      const started = readAbilities(await untilAborted(ask(methods.agent.initialize, request), waiting), name);
      logins = started.logins;
      return started.can;
    } catch (error) {
      signal.throwIfAborted();
      if (limit.signal.aborted)
        throw tooSlow(`The agent "${name}" did not say within ${startTimeoutMs} ms what it can do`);
      throw error instanceof AcpRefused ? error.fault : error;
    }
  }

  try {
    const can = await initialize();
    isStarting = false;
    return {
      name,
      can,
      gone: gone.signal,
      ended: over.promise,
      ask,
      // One that cannot be told is gone, which whoever waits for it learns.
      tell: (method, params) => void connection.agent.notify(method, params).catch(() => {}),
      listen: (sessionId, listener) => {
        listeners.set(sessionId, listener);
        return {
          [Symbol.dispose]: () => {
            if (listeners.get(sessionId) === listener) listeners.delete(sessionId);
          },
        };
      },
      end,
    };
  } catch (error) {
    await end(error instanceof AgentError ? error : processEnded(name, null));
    throw error;
  }
}
