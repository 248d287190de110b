import type { Agent } from "../agent/agent.ts";
import type { Clock } from "../lib/clock.ts";

/** One thing that the far side of an agent does: the model, the program, the endpoint. */
export type AgentAct =
  | { readonly say: string }
  /** Calls a tool of this name and reports how that went. */
  | { readonly call: string }
  /** Waits until the subject is released. */
  | "hold"
  /** Leaves a mark that can be counted: a side effect. */
  | "mark";

export type AgentEnding =
  | {
      readonly finish: "done" | "length" | "filtered";
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
    }
  /** Refuses, without an act before it: for the moment, until the time given, or for good. */
  | { readonly fault: "retryable" | "quota" | "permanent" }
  /** Is gone in the middle. */
  | "break";

export interface AgentScript {
  readonly acts: readonly AgentAct[];
  readonly ending: AgentEnding;
}

/** The time that an ending of `quota` asks to wait, in milliseconds. */
export const QUOTA_RETRY_AFTER_MS = 7_000;

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
}

export interface AgentSubjectOptions {
  /** The agent's clock. */
  readonly clock: Clock;
  /** How long the agent's far side may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
}

export type OpenAgent = (script: AgentScript, options: AgentSubjectOptions) => AgentSubject | Promise<AgentSubject>;
