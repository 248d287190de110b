import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { finishRules, toolRules, usageRules, usageSumRules } from "./agent-contract/activity-rules.ts";
import { createAgentContract, type AgentContract } from "./agent-contract/agent-scene.ts";
import { askingRules } from "./agent-contract/asking-rules.ts";
import { faultRules } from "./agent-contract/fault-rules.ts";
import { stoppingRules } from "./agent-contract/stopping-rules.ts";
import { streamingRules } from "./agent-contract/streaming-rules.ts";
import { idleTimeRules, totalTimeRules } from "./agent-contract/time-rules.ts";
import type { OpenAgent } from "./agent-subject.ts";

/** What not every agent can do, and the rules for those that can. */
const CAPABILITIES: Readonly<Record<AgentCapability, (contract: AgentContract) => void>> = {
  tools: toolRules,
  usage: usageRules,
  usageSum: usageSumRules,
  finishReasons: finishRules,
  faults: faultRules,
  idleTimeout: idleTimeRules,
  totalTimeout: totalTimeRules,
  ask: askingRules,
};

/**
 * `tools`: it reports calls of tools. `usage`: it reports the tokens it used; `usageSum`: several times in one
 * answer. `finishReasons`: it can finish other than as `done`. `faults`: it has a far side that can fail.
 * `idleTimeout` and `totalTimeout`: it ends an attempt in which that is silent for too long, or that takes too
 * long in all. `ask`: it can have the person asked.
 */
export type AgentCapability =
  | "tools"
  | "usage"
  | "usageSum"
  | "finishReasons"
  | "faults"
  | "idleTimeout"
  | "totalTimeout"
  | "ask";

/** Why an agent cannot do what others can. The reason stands in the report. */
export type AgentGaps = { readonly [Capability in AgentCapability]?: string };

/**
 * States the contract of the agent port with `node:test`, for the agents that `open` opens. Every rule
 * is played with an agent of its own, whose far side plays the rule's script; the turn says the words
 * of the script, so that an agent that repeats what was said passes too.
 *
 * @param name What the agents are called in the report.
 * @param open Opens an agent with a far side that plays a script.
 * @param gaps What these agents cannot do, each with the reason; a gap without one fails. Default: none.
 */
export function agentContract(name: string, open: OpenAgent, gaps: AgentGaps = {}): void {
  describe(`the agent contract on ${name}`, () => {
    const contract = createAgentContract(open);
    streamingRules(contract);
    stoppingRules(contract);
    for (const [capability, rules] of Object.entries(CAPABILITIES)) {
      if (!Object.hasOwn(gaps, capability)) {
        rules(contract);
        continue;
      }
      // From JavaScript it can be anything.
      const reason: unknown = gaps[capability as keyof AgentGaps];
      const isGiven = typeof reason === "string" && reason.trim() !== "";
      it(`${capability}: left out`, isGiven ? { skip: reason } : {}, () => {
        assert.fail(`What an agent leaves out must say why; found no reason for "${capability}".`);
      });
    }
  });
}
