import type { Agent, AgentEntry, AgentPart, AgentTurn } from "../../src/agent/agent.ts";
import { createSource } from "../../src/core/source.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

export function agentTurn(...said: readonly (string | Partial<AgentEntry>)[]): AgentTurn {
  return {
    turnId: "trn_1",
    attempt: 1,
    sessionId: "ses_1",
    source: createSource({ platform: "test", user: "U1" }),
    reset: null,
    instructions: null,
    summary: null,
    note: null,
    transcript: [],
    messages: said.map((text) => agentEntry(typeof text === "string" ? { text } : text)),
  };
}

export function agentEntry(entry: Partial<AgentEntry>): AgentEntry {
  return { seq: 1, role: "user", text: "", attachments: [], sender: { id: "U1", name: "Ann" }, ...entry };
}

/** Everything an agent says in one run, to its end. */
export async function partsOf(agent: Agent, turn: AgentTurn, signal?: AbortSignal): Promise<AgentPart[]> {
  const parts: AgentPart[] = [];
  for await (const part of agent.run(turn, signal ?? new AbortController().signal, NO_PORTS)) parts.push(part);
  return parts;
}

export function textOf(parts: readonly AgentPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
