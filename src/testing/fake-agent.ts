import type { Agent, AgentChoice, AgentPart, AgentPorts, AgentQuestion, AgentTurn } from "../agent/agent.ts";

/**
 * What a fake agent does next. A string is text; `wait` goes on when the promise resolves; `run` is called and
 * waited for; `ask` is put to the person, and `say` makes text of the choice; `fail` is thrown.
 */
export type FakeAgentStep =
  | string
  | AgentPart
  | { readonly wait: Promise<unknown> }
  | { readonly run: (ports: AgentPorts) => unknown }
  | { readonly ask: AgentQuestion; readonly say: (choice: AgentChoice) => string }
  | { readonly fail: unknown };

/** What a fake agent does in one run. Without a `finish` part of its own the run finishes as `done`. */
export type FakeAgentScript = readonly FakeAgentStep[];

/** One call of `run`, as the agent saw it. */
export interface FakeAgentRun {
  readonly turn: AgentTurn;
  readonly signal: AbortSignal;
  /** Resolves when the run is over; `left` when whoever read it stopped reading. */
  readonly ended: Promise<"finished" | "failed" | "aborted" | "left">;
}

export interface FakeAgent extends Agent {
  /** Every run so far, in the order of their starts. */
  readonly runs: readonly FakeAgentRun[];
  /** Adds scripts for the next runs; a run without one uses the agent's default. */
  next(...scripts: readonly FakeAgentScript[]): void;
  /** The run with this number, from 1, once it has started. */
  started(number: number): Promise<FakeAgentRun>;
}

export interface FakeAgentOptions {
  /** Default: `fake`. */
  readonly name?: string;
  /** What to do in a run that has no script. Default: says `ok`. */
  readonly script?: (turn: AgentTurn) => FakeAgentScript;
}

/** The step that waits until the run is aborted. */
export const HANG: FakeAgentStep = { wait: new Promise(() => {}) };

/** An agent that follows a script and remembers what it was asked. */
export function createFakeAgent(options: FakeAgentOptions = {}): FakeAgent {
  const scripts: FakeAgentScript[] = [];
  const runs: FakeAgentRun[] = [];
  const waiting: { readonly number: number; readonly resolve: (run: FakeAgentRun) => void }[] = [];
  const defaultScript = options.script ?? ((): FakeAgentScript => ["ok"]);

  function begin(run: FakeAgentRun): void {
    runs.push(run);
    for (const waiter of waiting) if (waiter.number === runs.length) waiter.resolve(run);
  }

  return {
    name: options.name ?? "fake",
    runs,
    next: (...more) => void scripts.push(...more),
    started: (number) => {
      const run = runs[number - 1];
      if (run !== undefined) return Promise.resolve(run);
      const { promise, resolve } = Promise.withResolvers<FakeAgentRun>();
      waiting.push({ number, resolve });
      return promise;
    },
    async *run(turn, signal, ports) {
      const ended = Promise.withResolvers<"finished" | "failed" | "aborted" | "left">();
      begin({ turn, signal, ended: ended.promise });
      try {
        yield* play(scripts.shift() ?? defaultScript(turn), signal, ports);
        ended.resolve("finished");
      } catch (error) {
        ended.resolve(signal.aborted ? "aborted" : "failed");
        throw error;
      } finally {
        ended.resolve(signal.aborted ? "aborted" : "left");
      }
    },
  };
}

async function* play(script: FakeAgentScript, signal: AbortSignal, ports: AgentPorts): AsyncGenerator<AgentPart> {
  let finished = false;
  for (const step of script) {
    signal.throwIfAborted();
    if (typeof step === "string") yield { type: "text", text: step };
    else if ("wait" in step) await untilAborted(step.wait, signal);
    else if ("run" in step) await step.run(ports);
    else if ("ask" in step) yield { type: "text", text: step.say(await ports.ask(step.ask)) };
    else if ("fail" in step) throw step.fail;
    else {
      finished ||= step.type === "finish";
      yield step;
    }
  }
  signal.throwIfAborted();
  if (!finished) yield { type: "finish", reason: "done" };
}

function untilAborted(wait: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([wait, promise]).finally(() => signal.removeEventListener("abort", stop));
}
