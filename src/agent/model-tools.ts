/** The tools that a model may call: those of MCP servers, under names and in an order that stay the same. */
import type { Schema, ToolSet } from "ai";
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { AgentTurn } from "./agent.ts";
import { createCallNumbers, type CallNumbers } from "./call-numbers.ts";
import { mcpCallReason } from "./mcp-fault.ts";
import type { McpCall, McpConnection } from "./mcp-connection.ts";
import { MAX_RESULT_TEXT, readToolResult, toolText, type ToolContent } from "./mcp-result.ts";
import { mcpToolName } from "./mcp-tool-name.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface ModelToolsOptions {
  readonly connections: readonly McpConnection[];
  readonly api: ModelEndpoint["api"];
  /** How often the model may be asked in one turn. */
  readonly maxSteps: number;
  /** How long one call may take, in milliseconds. */
  readonly toolTimeoutMs: number;
  /** How many tokens the model takes at once. Of one result it is shown a quarter of that at most. Default: any number. */
  readonly contextTokens?: number;
  readonly clock: Clock;
}

export interface ModelTools {
  /**
   * What the model may call in one turn.
   *
   * @throws AgentError that names the server whose tools are not there; the signal's reason when that is aborted.
   */
  forTurn(turn: Pick<AgentTurn, "turnId">, signal: AbortSignal): Promise<TurnTools>;
  close(): Promise<void>;
}

export interface TurnTools {
  readonly set: ToolSet;
  readonly maxSteps: number;
  /** Counts the calls of the turn, for people and for tools alike. */
  readonly numbers: CallNumbers;
}

/** What a call that failed is for the model. Its message is what the tool said: nothing else may show it. */
class ToolFailure extends Error {
  override readonly name = "ToolFailure";
}

export function createModelTools(options: ModelToolsOptions): ModelTools {
  const { connections, maxSteps, api } = options;
  // A token is about four characters.
  const maxText = Math.min(MAX_RESULT_TEXT, options.contextTokens ?? Infinity);

  async function forTurn({ turnId }: Pick<AgentTurn, "turnId">, signal: AbortSignal): Promise<TurnTools> {
    const { dynamicTool, jsonSchema } = await import("ai");
    const lists = await Promise.all(
      connections.map(async (connection) =>
        (await connection.tools(signal)).map((tool) => ({
          connection,
          tool,
          name: mcpToolName(connection.name, tool.name),
        })),
      ),
    );
    const numbers = createCallNumbers();
    const entries = lists
      .flat()
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ connection, tool, name }) => [
        name,
        dynamicTool({
          ...(tool.description === undefined ? {} : { description: tool.description }),
          inputSchema: jsonSchema<Input>(tool.inputSchema, { validate: readInput }),
          execute: (input, { toolCallId, abortSignal }) => {
            const meta = { "parlor/turnId": turnId, "parlor/callIndex": numbers.ofCall(toolCallId) };
            return call(connection, { tool: tool.name, input: input as Input, meta }, abortSignal ?? signal);
          },
          toModelOutput: ({ output }) => modelOutput(output as readonly ToolContent[], api),
        }),
      ]);
    return { set: Object.fromEntries(entries) as ToolSet, maxSteps, numbers };
  }

  async function call(connection: McpConnection, given: McpCall, signal: AbortSignal): Promise<readonly ToolContent[]> {
    signal.throwIfAborted();
    using limit = createTimeLimit(options.clock, options.toolTimeoutMs);
    limit.restart();
    const stop = AbortSignal.any([signal, limit.signal]);
    const result = await untilAborted(connection.call(given, stop), stop).catch((error: unknown) => {
      signal.throwIfAborted();
      const reason = limit.signal.aborted
        ? `no answer within ${options.toolTimeoutMs} ms`
        : mcpCallReason(connection.name, error);
      throw new ToolFailure(`The tool failed (${reason}). It may have done what was asked all the same.`);
    });
    const content = readToolResult(result, maxText);
    if (result.isError === true) throw new ToolFailure(toolText(content));
    return content;
  }

  return {
    forTurn,
    close: async () => void (await Promise.all(connections.map((connection) => connection.close()))),
  };
}

type Input = McpCall["input"];

type ValidationResult<Value> = Awaited<ReturnType<NonNullable<Schema<Value>["validate"]>>>;

/** Whether it fits the schema is for the server to judge; but no call is made with less than the model has said. */
function readInput(given: unknown): ValidationResult<Input> {
  return typeof given === "object" && given !== null && !Array.isArray(given)
    ? { success: true, value: given as Input }
    : { success: false, error: new Error("The arguments must be a JSON object.") };
}

type ModelOutput = Awaited<ReturnType<NonNullable<ToolSet[string]["toModelOutput"]>>>;

/** Anthropic takes images as what a tool came to, the chat-completions API takes words. */
function modelOutput(content: readonly ToolContent[], api: ModelEndpoint["api"]): ModelOutput {
  if (api === "openai-compatible" || content.every(({ type }) => type === "text")) {
    return { type: "text", value: toolText(content) };
  }
  return {
    type: "content",
    value: content.map((part) =>
      part.type === "text"
        ? part
        : { type: "file" as const, mediaType: part.mediaType, data: { type: "data" as const, data: part.data } },
    ),
  };
}
