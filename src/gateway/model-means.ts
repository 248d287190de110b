import { createAgentFiles, type FetchFromPlatform } from "../agent/agent-files.ts";
import { createMcpConnection, type McpServer } from "../agent/mcp-connection.ts";
import { createModelTools } from "../agent/model-tools.ts";
import type { ModelAgentOptions } from "../agent/model.ts";
import type { AgentConfig, Config, McpServerConfig } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { VERSION } from "./version.ts";

/** What agents of a configuration share with each other and with the rest of the gateway. */
export interface AgentSurroundings {
  readonly mcp: Config["mcp"];
  readonly fetchFromPlatform: FetchFromPlatform;
}

/**
 * What a model has beside its words: tools and files. Each agent has connections of its own to the servers that
 * it names, so that the end of one agent is the end of nothing else.
 */
export function modelMeans(
  {
    provider,
    contextTokens,
    tools,
    maxSteps,
    toolTimeoutMs,
    files,
    allowPrivateFiles,
  }: Extract<AgentConfig, { kind: "model" }>,
  { mcp, fetchFromPlatform }: AgentSurroundings,
  log: Log,
): Pick<ModelAgentOptions, "tools" | "files"> {
  const clock = systemClock;
  const connections = [...new Set(tools)].map((name) => {
    const onStderr = (line: string): void => log.debug({ server: name, line }, "MCP server wrote to standard error");
    return createMcpConnection({ name, server: serverOf(name, mcp[name]), clock, onStderr, version: VERSION });
  });
  return {
    ...(connections.length === 0
      ? {}
      : { tools: createModelTools({ connections, api: provider, maxSteps, toolTimeoutMs, contextTokens, clock }) }),
    ...(files
      ? { files: createAgentFiles({ clock, allowPrivate: allowPrivateFiles, fromPlatform: fetchFromPlatform }) }
      : {}),
  };
}

function serverOf(name: string, server: McpServerConfig | undefined): McpServer {
  if (server === undefined) {
    throw new ParlorError("INVALID_CONFIG", `agent.tools names "${name}", which mcp does not have. Describe it there.`);
  }
  if ("url" in server) return { ...server, token: server.token?.reveal() };
  const env = Object.entries(server.env).map(([variable, value]) => [variable, value.reveal()]);
  return { ...server, env: Object.fromEntries(env) as Record<string, string> };
}
