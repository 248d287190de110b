import { AgentError, type Agent, type AgentPart, type AgentPorts, type AgentTurn } from "../agent/agent.ts";
import { isBlank } from "../core/message.ts";
import type { TokenUsage } from "../core/session.ts";
import { wholeTokens } from "../core/whole-tokens.ts";
import { untilAborted } from "../lib/until-aborted.ts";

/** What an agent has said in one attempt. */
export interface Answer {
  readonly text: string;
  readonly usage?: TokenUsage & { readonly model: string };
}

/**
 * Runs the agent to the end of its stream and collects its answer; `onPart` hears every part as it comes.
 * Leaves as soon as the signal is aborted, even when the agent does not.
 *
 * @throws the signal's reason when it was aborted; `AgentError` when nothing was answered, or the stream
 * ended without a finish; whatever the agent throws.
 */
export async function runAgent(
  agent: Agent,
  turn: AgentTurn,
  ports: AgentPorts,
  signal: AbortSignal,
  onPart: (part: AgentPart) => void,
): Promise<Answer> {
  let text = "";
  let usage: (TokenUsage & { readonly model: string }) | undefined;
  let finish: (AgentPart & { type: "finish" })["reason"] | undefined;

  for await (const part of abortable(agent.run(turn, signal, ports), signal)) {
    if (part.type === "text") text += part.text;
    if (part.type === "usage") usage = addUsage(usage, part);
    if (part.type === "finish") finish = part.reason;
    onPart(part);
  }
  if (finish === undefined) {
    throw new AgentError("The agent's answer broke off before its end.", { retryable: true });
  }
  if (isBlank(text)) {
    throw finish === "filtered"
      ? new AgentError("The agent's answer was withheld by its content filter.", { retryable: false })
      : new AgentError(`The agent answered nothing (it finished with "${finish}").`, { retryable: true });
  }
  return usage === undefined ? { text } : { text, usage };
}

function addUsage(sum: TokenUsage | undefined, part: AgentPart & { type: "usage" }): TokenUsage & { model: string } {
  return {
    model: part.model,
    inputTokens: (sum?.inputTokens ?? 0) + wholeTokens(part.inputTokens),
    outputTokens: (sum?.outputTokens ?? 0) + wholeTokens(part.outputTokens),
  };
}

async function* abortable(parts: AsyncIterable<AgentPart>, signal: AbortSignal): AsyncGenerator<AgentPart> {
  const iterator = parts[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const step = await untilAborted(iterator.next(), signal);
      if (step.done === true) {
        isOver = true;
        return;
      }
      yield step.value;
    }
  } finally {
    // Not waited for: an agent that does not listen to its signal would hold up whoever left it.
    // What it throws while it is being closed has no one left to go to.
    if (!isOver) iterator.return?.().catch(() => {});
  }
}
