/** The ACP agent with a program that plays a script; what it does is seen in files of its folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAcpAgent, type AcpAgentOptions } from "../../src/agent/acp.ts";
import type { Agent } from "../../src/agent/agent.ts";
import type { AgentScript, AgentSubject, AgentSubjectOptions } from "../../src/testing/agent-subject.ts";
import { isAlive } from "./command-subject.ts";
import type { AcpScript } from "./scripted-acp-agent.ts";

/** Starts the program in a folder with a script. */
export const ACP_COMMAND: readonly [string, string] = [
  process.execPath,
  join(import.meta.dirname, "scripted-acp-agent.ts"),
];

/** A folder with a program in it, and the agents that it is. */
export interface AcpPlace extends AsyncDisposable {
  readonly folder: string;
  /** An agent of this program. Closed with the place. */
  agent(options?: Partial<AcpAgentOptions>): Agent;
  /** What it does from its next start on. */
  play(script: AcpScript): void;
  lines(file: string): readonly string[];
  /** What it has received, by method; of an answer, by the empty one. */
  received(method: string): readonly Record<string, unknown>[];
  release(): void;
}

export function openAcpPlace(script: AcpScript): AcpPlace {
  const folder = mkdtempSync(join(tmpdir(), "parlor-acp-"));
  const agents: Agent[] = [];
  const lines = (file: string): readonly string[] =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1) : [];
  const play = (next: AcpScript): void => writeFileSync(join(folder, "acp.json"), JSON.stringify(next));
  play(script);
  return {
    folder,
    agent: (options = {}) => {
      const agent = createAcpAgent({ command: ACP_COMMAND, cwd: folder, env: {}, ...options });
      agents.push(agent);
      return agent;
    },
    play,
    lines,
    received: (method) =>
      lines("received")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((message) => (message["method"] ?? "") === method)
        .map((message) => (message["params"] ?? message) as Record<string, unknown>),
    release: () => writeFileSync(join(folder, "released"), ""),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(agents.map(async (agent) => agent.close?.()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function openAcp(script: AgentScript, options: AgentSubjectOptions): AgentSubject {
  const place = openAcpPlace({ prompts: [script] });
  const agent = place.agent(options);
  const isGone = (): boolean => place.lines("started").every((pid) => !isAlive(Number(pid)));
  const isResting = (): boolean => place.lines("asked").length === place.lines("ended").length || isGone();
  return {
    agent,
    asked: () => place.lines("asked").length,
    marks: () => place.lines("marks").length,
    release: place.release,
    rested: async () => {
      while (!isResting()) await new Promise(setImmediate);
    },
    gone: async () => {
      while (!isGone()) await new Promise(setImmediate);
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
