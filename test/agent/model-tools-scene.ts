import type { TestContext } from "node:test";
import type { McpServer } from "@modelcontextprotocol/server";
import type { Agent } from "../../src/agent/agent.ts";
import { createMcpConnection } from "../../src/agent/mcp-connection.ts";
import { createModelTools, type ModelToolsOptions } from "../../src/agent/model-tools.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agent/model.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openFakeAnthropic } from "../../src/testing/fake-anthropic.ts";
import type { FakeModelServer, FakeModelStep } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { openMcpHttpServer, type McpHttpServer } from "./mcp-http-server.ts";
import { createToolbox, type ToolboxEvent } from "./mcp-toolbox.ts";

export interface Scene {
  readonly agent: Agent;
  readonly model: FakeModelServer;
  readonly box: McpHttpServer;
  readonly seen: readonly ToolboxEvent[];
  readonly release: () => void;
}

export type Given = Partial<ModelToolsOptions & Pick<ModelAgentOptions, "idleTimeoutMs">> & {
  readonly url?: string;
  /** Adds tools to those of the toolbox. */
  readonly list?: (server: McpServer) => void;
};

/** A model that is given the tools of a toolbox; both are let go of after the test. */
export async function scene(t: TestContext, given: Given = {}): Promise<Scene> {
  const {
    api = "openai-compatible",
    clock = systemClock,
    maxSteps = 20,
    toolTimeoutMs = 60_000,
    contextTokens,
  } = given;
  const context = contextTokens === undefined ? {} : { contextTokens };
  const seen: ToolboxEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const model = await { "openai-compatible": openFakeOpenAI, anthropic: openFakeAnthropic }[api]();
  const box = await openMcpHttpServer(() => {
    const toolbox = createToolbox({ record: (event) => seen.push(event), released: gate.promise });
    given.list?.(toolbox);
    return toolbox;
  });
  const connection = createMcpConnection({
    name: "box",
    server: { url: given.url ?? box.url, allowPrivate: true },
    clock,
    onStderr: () => {},
  });
  const agent = createModelAgent({
    endpoint: { api, baseUrl: model.baseUrl, apiKey: "key" },
    model: "small",
    clock,
    ...(given.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: given.idleTimeoutMs }),
    ...context,
    tools: createModelTools({ connections: [connection], api, maxSteps, toolTimeoutMs, ...context, clock }),
  });
  t.after(async () => {
    await agent.close?.();
    await Promise.all([model[Symbol.asyncDispose](), box[Symbol.asyncDispose]()]);
  });
  return { agent, model, box, seen, release: gate.resolve };
}

/** What a fake model says to call a tool. */
export function calling(name: string, given: object = {}, id?: string): FakeModelStep {
  return { toolCall: { name, arguments: JSON.stringify(given), ...(id === undefined ? {} : { id }) } };
}
