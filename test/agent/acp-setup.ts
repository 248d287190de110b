/** What the tests of the ACP agent ask of it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  AgentError,
  type Agent,
  type AgentEntry,
  type AgentPart,
  type AgentPorts,
  type AgentTurn,
} from "../../src/agent/agent.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import { openAcpPlace, type AcpPlace } from "./acp-subject.ts";
import { agentEntry, agentTurn } from "./agent-turn.ts";
import type { AcpScript } from "./scripted-acp-agent.ts";

export const DONE = { finish: "done", usage: null } as const;

/** A program that plays this; it ends with the test. */
export function acpPlace(t: TestContext, script: Partial<AcpScript> = {}): AcpPlace {
  const place = openAcpPlace({ prompts: [{ acts: [{ say: "Hello." }], ending: DONE }], ...script });
  t.after(() => place[Symbol.asyncDispose]());
  return place;
}

/** A session of Parlor: its turns one after another, with what the agent keeps. */
export interface Chat {
  readonly notes: readonly string[];
  /** The next turn; what was said before is its transcript. */
  turn(...messages: readonly AgentEntry[]): AgentTurn;
  say(agent: Agent, text: string, ports?: Partial<AgentPorts>): Promise<string>;
  /** What was said besides: a person's, or an answer. */
  add(text: string, role?: AgentEntry["role"]): AgentEntry;
  begin(
    agent: Agent,
    turn: AgentTurn,
    options?: { signal?: AbortSignal; ports?: Partial<AgentPorts> },
  ): AsyncGenerator<AgentPart>;
}

export function createChat(): Chat {
  const transcript: AgentEntry[] = [];
  const notes: string[] = [];
  const add = (text: string, role: AgentEntry["role"] = "user"): AgentEntry => {
    const sender = role === "user" ? {} : { sender: null };
    const entry = agentEntry({ seq: transcript.length + 1, text, role, ...sender });
    transcript.push(entry);
    return entry;
  };
  const turn: Chat["turn"] = (...messages) => ({
    ...agentTurn(),
    note: notes.at(-1) ?? null,
    transcript: transcript.filter((entry) => !messages.includes(entry)),
    messages,
  });
  const begin: Chat["begin"] = (agent, asked, { signal = new AbortController().signal, ports = {} } = {}) =>
    agent.run(asked, signal, {
      ...NO_PORTS,
      note: async (text) => void notes.push(text),
      ...ports,
    }) as AsyncGenerator<AgentPart>;
  return {
    notes,
    turn,
    add,
    begin,
    say: async (agent, text, ports = {}) => {
      const message = add(text);
      let said = "";
      for await (const part of begin(agent, turn(message), { ports })) if (part.type === "text") said += part.text;
      add(said, "assistant");
      return said;
    },
  };
}

/** A conversation of one message, whose agent has been closed since. */
export async function restartedAfterOne(place: AcpPlace): Promise<Chat> {
  const chat = createChat();
  const before = place.agent();
  await chat.say(before, "one");
  await before.close?.();
  return chat;
}

/** The text of each prompt that the program was given. */
export function promptsOf(place: AcpPlace): readonly string[] {
  return place.received("session/prompt").map(({ prompt }) => {
    const [block] = prompt as { text?: string }[];
    return block?.text ?? "";
  });
}

export async function faultOf(work: Promise<unknown>): Promise<AgentError> {
  const error = await work.then(
    () => assert.fail("the run must fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AgentError, String(error));
  assert.ok(!/wisteria/.test(String(error)), "an error must quote nobody");
  return error;
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}
