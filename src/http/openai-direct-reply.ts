import { NO_PORTS } from "../agent/no-ports.ts";
import { AgentError } from "../agent/agent.ts";
import type { Agent, AgentEntry, AgentTurn } from "../agent/agent.ts";
import { storableText } from "../core/message.ts";
import { createSource } from "../core/source.ts";
import { randomId } from "../lib/id.ts";
import { runAgent } from "../turn/answer.ts";
import type { ReadContent } from "./openai-content.ts";
import { OpenAiError } from "./openai-error.ts";
import type { AskReply, WholeReply } from "./openai-reply.ts";
import type { Said, Thread } from "./openai-thread.ts";
import type { RouteTools } from "./route-tools.ts";

/**
 * The reply to a call without a session: the agent is run on what the call brings, nothing is stored and
 * nothing is counted. It is stopped when whoever asked leaves, and when the gateway closes.
 */
export function directReply(
  { ports, closing }: Pick<RouteTools, "ports" | "closing">,
  agent: Agent,
  thread: Thread,
): AskReply {
  return async (listener, left) => {
    const signal = AbortSignal.any([closing, left]);
    let finish: WholeReply["finish"] = "done";
    listener?.begin();
    try {
      const { text, usage } = await runAgent(agent, turnOf(thread), NO_PORTS, signal, (part) => {
        if (part.type === "text") listener?.hear(part.text);
        if (part.type === "finish") finish = part.reason;
      });
      return { text: storableText(text), usage: usage ?? null, finish };
    } catch (error) {
      if (closing.aborted) throw closingError();
      if (signal.aborted) throw error;
      if (!(error instanceof AgentError)) ports.onFault(error);
      throw agentFailed(error);
    }
  };
}

function turnOf({ instructions, history, said }: Thread): AgentTurn {
  return {
    turnId: randomId("trn"),
    attempt: 1,
    sessionId: randomId("call"),
    // A conversation between two: whose words are whose needs no saying.
    source: createSource({ platform: "api", user: "operator" }),
    reset: null,
    instructions,
    summary: null,
    note: null,
    transcript: history.map((entry) => (entry.role === "user" ? spoken(entry) : answered(entry))),
    messages: said.map(spoken),
  };
}

function spoken({ text, attachments, name }: ReadContent & Partial<Pick<Said, "name">>): AgentEntry {
  return { seq: null, role: "user", text, attachments, sender: { id: "operator", name: name ?? null } };
}

function answered({ text, attachments }: ReadContent): AgentEntry {
  return { seq: null, role: "assistant", text, attachments, sender: null };
}

/** Nothing is stored, so that a client may ask again where that may help. */
function agentFailed(error: unknown): OpenAiError {
  if (!(error instanceof AgentError)) {
    return new OpenAiError("agent_failed", "The agent failed in a way that was not foreseen; the log says how.", {
      mayRetry: false,
    });
  }
  const { message, fault, retryable, retryAfterMs } = error;
  return new OpenAiError(fault === "context" ? "context_length_exceeded" : "agent_failed", message, {
    mayRetry: retryable,
    headers: retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) },
  });
}

function closingError(): OpenAiError {
  return new OpenAiError("unavailable", "The gateway is closing. Nothing was stored; send the call again.", {
    headers: { "retry-after": "1" },
  });
}
