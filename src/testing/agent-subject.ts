import type { Agent, AgentFault, AgentQuestion } from "../agent/agent.ts";
import type { Clock } from "../lib/clock.ts";

/** One thing that the far side of an agent does: the model, the program, the endpoint. */
export type AgentAct =
  | { readonly say: string }
  /** Calls a tool of this name and reports how that went. */
  | { readonly call: string }
  /** Reports tokens that were used, besides those of the ending. */
  | { readonly use: AgentTokens }
  /** Has the person asked, and says the id of the choice; `nobody` when nobody chose. */
  | { readonly ask: AgentQuestion }
  /** Waits until the subject is released. */
  | "hold"
  /** Leaves a mark that can be counted: a side effect. */
  | "mark";

export interface AgentTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type AgentEnding =
  | { readonly finish: "done" | "length" | "filtered"; readonly usage: AgentTokens | null }
  /** Refuses, without an act before it. Null: it does not say when another attempt may be made. */
  | { readonly fault: AgentFault; readonly retryAfterMs: number | null }
  /** Is gone in the middle. */
  | "break";

export interface AgentScript {
  readonly acts: readonly AgentAct[];
  readonly ending: AgentEnding;
}

/** An agent, and what can be seen and done at its far side, which plays the script in every run. */
export interface AgentSubject extends AsyncDisposable {
  readonly agent: Agent;
  /** How many runs have reached the far side. */
  asked(): number;
  /** How often it was left a mark. */
  marks(): number;
  /** Lets every hold pass, now and later. */
  release(): void;
  /** Resolves when the far side no longer works at any run. */
  rested(): Promise<void>;
  /** Resolves when nothing is left of what the agent keeps between turns, such as a process. Default: as `rested`. */
  gone?(): Promise<void>;
}

export interface AgentSubjectOptions {
  /** The agent's clock. */
  readonly clock: Clock;
  /** How long the agent's far side may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long one answer may take, in milliseconds. */
  readonly totalTimeoutMs: number;
}

export type OpenAgent = (script: AgentScript, options: AgentSubjectOptions) => AgentSubject | Promise<AgentSubject>;
