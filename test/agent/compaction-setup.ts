/** Turns of a model agent that may have to summarise, and what comes of them. */
import { type AgentEntry, type AgentPart, type AgentPorts, type AgentTurn } from "../../src/agent/agent.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { agentEntry, agentTurn } from "./agent-turn.ts";

const SUMMARY_OF = /^You keep the record of a conversation/;

export interface Played {
  readonly parts: readonly AgentPart[];
  readonly error: unknown;
  readonly summaries: readonly { readonly text: string; readonly throughSeq: number }[];
  readonly asked: readonly Asked[];
}

export interface Asked {
  readonly isSummary: boolean;
  readonly system: string;
  readonly words: string;
  readonly maxTokens: number | undefined;
}

/** Plays one turn against the server's script, with a context of 8,000 tokens. */
export async function playTurn(
  server: FakeModelServer,
  turn: AgentTurn,
  options: Partial<ModelAgentOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Played> {
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
    contextTokens: 8_000,
    ...options,
  });
  const summaries: { text: string; throughSeq: number }[] = [];
  const ports: AgentPorts = { ...NO_PORTS, summarize: (summary) => Promise.resolve(void summaries.push(summary)) };
  const from = server.requests.length;
  const parts: AgentPart[] = [];
  let error: unknown = null;
  try {
    for await (const part of agent.run(turn, signal, ports)) parts.push(part);
  } catch (thrown) {
    error = thrown;
  }
  return { parts, error, summaries, asked: server.requests.slice(from).map(({ body }) => askedOf(body)) };
}

function askedOf(body: unknown): Asked {
  const { messages, max_tokens: maxTokens } = body as {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly max_tokens?: number;
  };
  const system = messages.find(({ role }) => role === "system")?.content ?? "";
  const words = messages.flatMap(({ role, content }) => (role === "system" ? [] : [content])).join("\n");
  return { isSummary: SUMMARY_OF.test(system), system, words, maxTokens };
}

/** So many rounds of a question and an answer, numbered from 1, each of about so many tokens. */
export function rounds(count: number, tokens: number): readonly AgentEntry[] {
  const filler = "word ".repeat(Math.floor((tokens * 4) / 5));
  return Array.from({ length: count }, (_, index) => [
    agentEntry({ seq: 2 * index + 1, text: `question ${index} ${filler}` }),
    agentEntry({ seq: 2 * index + 2, role: "assistant", text: `answer ${index} ${filler}`, sender: null }),
  ]).flat();
}

export function turnAfter(transcript: readonly AgentEntry[], text = "and now?"): AgentTurn {
  return { ...agentTurn({ seq: transcript.length + 1, text }), transcript };
}
