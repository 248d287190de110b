import type { TextStreamPart, ToolSet } from "ai";
import { isBlank } from "../core/message.ts";
import { AgentError, type AgentPart } from "./agent.ts";

export type ModelStreamPart = TextStreamPart<ToolSet>;

type Finish = Extract<ModelStreamPart, { type: "finish" }>;

/** Turns the parts of one answer into the agent's. */
export interface ModelPartReader {
  /** What a part says; empty when it says nothing. A fault in it is thrown as it is. */
  read(part: ModelStreamPart): readonly AgentPart[];
}

/** Whether a part shows that the model is at work. Pings only show that its server is. */
export function isToken(part: ModelStreamPart): boolean {
  return /^(text|reasoning|tool-input)-delta$/.test(part.type);
}

export function createModelPartReader(model: string): ModelPartReader {
  const tools = new Map<string, number>();
  let spoken = false;

  function text(piece: string): readonly AgentPart[] {
    // Models put empty lines between their thinking and their answer.
    const shown = spoken ? piece : piece.trimStart();
    spoken ||= !isBlank(shown);
    return shown === "" ? [] : [{ type: "text", text: shown }];
  }

  function tool(callId: string, name: string, state: "started" | "finished" | "failed"): readonly AgentPart[] {
    const known = tools.get(callId);
    if (known !== undefined && state === "started") return [];
    const index = known ?? tools.size;
    tools.set(callId, index);
    return [{ type: "tool", index, name, state }];
  }

  return {
    read(part) {
      switch (part.type) {
        case "text-delta":
          return text(part.text);
        case "reasoning-delta":
          return [{ type: "reasoning" }];
        case "tool-input-start":
          return tool(part.id, part.toolName, "started");
        case "tool-call":
          return tool(part.toolCallId, part.toolName, "started");
        case "tool-result":
          return tool(part.toolCallId, part.toolName, "finished");
        case "tool-error":
          return tool(part.toolCallId, part.toolName, "failed");
        case "error":
          throw part.error;
        case "finish":
          return finish(part, model, spoken);
        default:
          return [];
      }
    },
  };
}

function finish(part: Finish, model: string, spoken: boolean): readonly AgentPart[] {
  if (part.finishReason === "error" || part.finishReason === "interrupted") {
    throw new AgentError(`The answer of the model "${model}" ended before it was complete.`, { retryable: true });
  }
  const reason = finishReason(part.finishReason);
  if (!spoken) throw nothingSaid(model, reason);
  const { inputTokens, outputTokens } = part.totalUsage;
  const usage: readonly AgentPart[] =
    inputTokens === undefined && outputTokens === undefined
      ? []
      : [{ type: "usage", model, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 }];
  return [...usage, { type: "finish", reason }];
}

function finishReason(reason: Finish["finishReason"]): "done" | "length" | "filtered" {
  if (reason === "length") return "length";
  return reason === "content-filter" ? "filtered" : "done";
}

function nothingSaid(model: string, reason: "done" | "length" | "filtered"): AgentError {
  const why = {
    done: "answered without a word",
    length: "used up its tokens before it said a word",
    filtered: "was kept from answering by the endpoint's content filter",
  }[reason];
  return new AgentError(`The model "${model}" ${why}.`, { retryable: reason !== "filtered" });
}
