import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import { AgentError, type AgentPart, type AgentPorts, type AgentTurn } from "../../agent/agent.ts";
import { NO_PORTS } from "../../agent/no-ports.ts";
import { systemClock } from "../../lib/clock.ts";
import type { AgentAct, AgentEnding, AgentSubject, AgentSubjectOptions, OpenAgent } from "../agent-subject.ts";
import { sourceOf } from "../sources.ts";

/** One agent of its own, for one rule. */
export interface AgentScene {
  readonly subject: AgentSubject;
  /** Begins a run of a turn that says the script's words, or these. */
  begin(run?: {
    readonly signal?: AbortSignal;
    readonly words?: string;
    readonly ports?: Partial<AgentPorts>;
  }): AgentParts;
}

export type AgentParts = AsyncGenerator<AgentPart, undefined>;

export interface AgentContract {
  /** States a rule of a far side that does this. */
  states(
    rule: string,
    acts: readonly AgentAct[],
    ending: AgentEnding,
    body: (scene: AgentScene) => Promise<void>,
    options?: Partial<AgentSubjectOptions>,
  ): void;
}

export const DONE: AgentEnding = { finish: "done", usage: null };

/** What an agent is stopped with. */
export const STOP: Error = new Error("stop");

/** What no error may quote. */
export const SECRET = "wisteria-lane";

const LONG_MS = 60_000;

/** A rule that an agent leaves hanging fails at last. */
const STUCK_MS = 300_000;

export function createAgentContract(open: OpenAgent): AgentContract {
  return {
    states: (rule, acts, ending, body, options = {}) =>
      void it(rule, { timeout: STUCK_MS }, async () => {
        const limits = { clock: systemClock, idleTimeoutMs: LONG_MS, totalTimeoutMs: LONG_MS, ...options };
        await using subject = await open({ acts, ending }, limits);
        await body(sceneOf(subject, acts));
      }),
  };
}

function sceneOf(subject: AgentSubject, acts: readonly AgentAct[]): AgentScene {
  const script = acts.map((act) => (typeof act === "object" && "say" in act ? act.say : "")).join("");
  return {
    subject,
    begin: ({ signal = new AbortController().signal, words = script, ports = {} } = {}) =>
      read(subject, turnOf(words), signal, { ...NO_PORTS, ...ports }),
  };
}

/** Whatever the agent's stream is made of, it is read and left as `for await` does. */
async function* read({ agent }: AgentSubject, turn: AgentTurn, signal: AbortSignal, ports: AgentPorts): AgentParts {
  for await (const part of agent.run(turn, signal, ports)) yield part;
  return undefined;
}

function turnOf(text: string): AgentTurn {
  return {
    turnId: "trn_contract",
    attempt: 1,
    sessionId: "ses_contract",
    source: sourceOf({ user: "ada" }),
    reset: null,
    instructions: null,
    summary: null,
    note: null,
    transcript: [],
    messages: [{ seq: 1, role: "user", text, attachments: [], sender: { id: "ada", name: "Ada" } }],
  };
}

/** The far side has ended; let go on, it does nothing. */
export async function assertNothingMore(subject: AgentSubject): Promise<void> {
  await subject.rested();
  subject.release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  assert.equal(subject.marks(), 0, "nothing may happen after the end");
}

/** The next part that is more than a sign of life. */
export async function nextPart(parts: AgentParts): Promise<AgentPart> {
  for (;;) {
    const { value } = await parts.next();
    assert.ok(value !== undefined, "the stream must have another part");
    if (value.type !== "reasoning") return value;
  }
}

export async function toEnd(parts: AgentParts): Promise<readonly AgentPart[]> {
  const said: AgentPart[] = [];
  for await (const part of parts) said.push(part);
  return said;
}

export async function faultOf(parts: AgentParts): Promise<AgentError> {
  const error = await toEnd(parts).then(
    () => assert.fail("the run must fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AgentError, String(error));
  assert.ok(!inspect(error).includes(SECRET), "an error must quote nobody");
  return error;
}

export function textOf(parts: readonly AgentPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
