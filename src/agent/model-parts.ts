import type { TextStreamPart, ToolSet } from "ai";
import { isBlank } from "../core/message.ts";
import { cleanName } from "../core/source.ts";
import { AgentError, type AgentPart } from "./agent.ts";
import { createCallNumbers } from "./call-numbers.ts";
import type { TurnTools } from "./model-tools.ts";

export type ModelStreamPart = TextStreamPart<ToolSet>;

type Finish = Extract<ModelStreamPart, { type: "finish" }>;

/** Turns the parts of one answer into the agent's. */
export interface ModelPartReader {
  /** What a part says; empty when it says nothing. A fault in it is thrown as it is. */
  read(part: ModelStreamPart): readonly AgentPart[];
  /** Whether a tool is at work: then the model has nothing to say. */
  isWaiting(): boolean;
}

/** Whether a part shows that the model is at work. Pings only show that its server is. */
export function isToken(part: ModelStreamPart): boolean {
  return /^(text|reasoning|tool-input)-delta$/.test(part.type);
}

/** `tools`: those that the model was offered; null when there are none. */
export function createModelPartReader(model: string, tools: TurnTools | null = null): ModelPartReader {
  const numbers = tools?.numbers ?? createCallNumbers();
  const running = new Set<string>();
  const started = new Set<number>();
  const said = createSaidText();
  let steps = 0;
  let endsInCall = false;

  function tool(callId: string, name: string, state: "started" | "finished" | "failed"): readonly AgentPart[] {
    const index = numbers.ofShown(callId);
    if (started.has(index) && state === "started") return [];
    started.add(index);
    endsInCall = true;
    said.pause();
    // A model may call what does not exist, by any name.
    return [{ type: "tool", index, name: cleanName(name) ?? "tool", state }];
  }
  function nextStep(): readonly AgentPart[] {
    if (steps > 0) numbers.nextShown();
    steps += 1;
    endsInCall = false;
    return [];
  }

  return {
    read(part) {
      switch (part.type) {
        case "start-step":
          return nextStep();
        case "text-delta":
          return said.add(part.text);
        case "reasoning-delta":
          return [{ type: "reasoning" }];
        case "tool-input-start":
          return tool(part.id, part.toolName, "started");
        case "tool-call":
          running.add(part.toolCallId);
          return tool(part.toolCallId, part.toolName, "started");
        case "tool-result":
          running.delete(part.toolCallId);
          return tool(part.toolCallId, part.toolName, "finished");
        case "tool-error":
          running.delete(part.toolCallId);
          return tool(part.toolCallId, part.toolName, "failed");
        case "error":
          throw part.error;
        case "finish":
          // After a step that called a tool there is another one, as long as there may be.
          if (tools !== null && endsInCall) throw tooManySteps(model, tools.maxSteps);
          return finish(part, model, said.isAny());
        default:
          return [];
      }
    },
    isWaiting: () => running.size > 0,
  };
}

interface SaidText {
  add(piece: string): readonly AgentPart[];
  /** What is said next stands apart from what was said before. */
  pause(): void;
  isAny(): boolean;
}

/** Models put empty lines between their thinking and their answer, and nothing between what they say before and after a call. */
function createSaidText(): SaidText {
  let spoken = false;
  let isApart = true;
  /** The line ends that the text so far ends in, up to the two of a paragraph. */
  let ending = "";

  return {
    add: (piece) => {
      const shown = isApart ? piece.trimStart() : piece;
      if (shown === "") return [];
      const gap = isApart && spoken ? "\n\n".slice(ending.length) : "";
      isApart = isApart && isBlank(shown);
      spoken ||= !isBlank(shown);
      const text = gap + shown;
      ending = /\n{0,2}$/.exec(ending + text)?.[0] ?? "";
      return [{ type: "text", text }];
    },
    pause: () => void (isApart = true),
    isAny: () => spoken,
  };
}

function finish(part: Finish, model: string, spoken: boolean): readonly AgentPart[] {
  if (part.finishReason === "error" || part.finishReason === "interrupted") {
    throw new AgentError(`The answer of the model "${model}" ended before it was complete.`, { retryable: true });
  }
  const reason = finishReason(part.finishReason);
  // What a filter has withheld ends as such, even if that is all of it.
  if (!spoken && reason !== "filtered") throw nothingSaid(model, reason);
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

function tooManySteps(model: string, maxSteps: number): AgentError {
  return new AgentError(
    `The model "${model}" was asked ${maxSteps} times, called tools each time and gave no answer. ` +
      `Raise agent.maxSteps if the work needs more.`,
    { retryable: false },
  );
}

function nothingSaid(model: string, reason: "done" | "length"): AgentError {
  const why = {
    done: "answered without a word",
    length: "used up its tokens before it said a word",
  }[reason];
  return new AgentError(`The model "${model}" ${why}.`, { retryable: true });
}
