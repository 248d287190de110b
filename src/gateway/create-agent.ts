import { createAcpAgent } from "../agent/acp.ts";
import type { Agent } from "../agent/agent.ts";
import { createAgentFiles } from "../agent/agent-files.ts";
import { createCommandAgent } from "../agent/command.ts";
import { createEchoAgent } from "../agent/echo.ts";
import { createHttpAgent } from "../agent/http.ts";
import type { ModelEndpoint } from "../agent/model-endpoint.ts";
import { createModelAgent } from "../agent/model.ts";
import type { AgentConfig } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { traceHeaders, traceVariables } from "../telemetry/trace-headers.ts";
import { modelMeans, type AgentSurroundings } from "./model-means.ts";
import { VERSION } from "./version.ts";

const NOTHING_ELSE: AgentSurroundings = {
  mcp: {},
  fetchFromPlatform: () => Promise.resolve({ outcome: "unavailable", reason: "its address is none of the web" }),
};

/** The agent of a configuration. What a program writes to its standard error goes to the log, at level debug. */
export function createAgent(config: AgentConfig, log: Log, surroundings: AgentSurroundings = NOTHING_ELSE): Agent {
  switch (config.kind) {
    case "echo":
      return createEchoAgent({ delayMs: config.delayMs });
    case "code":
      return config.agent;
    case "http": {
      const { url, secret, allowPrivate, idleTimeoutMs, totalTimeoutMs } = config;
      return createHttpAgent({
        endpoint: { url, secret: secret.reveal(), allowPrivate },
        moreHeaders: traceHeaders,
        idleTimeoutMs,
        totalTimeoutMs,
      });
    }
    case "model":
      return createModelAgent({
        endpoint: endpointOf(config),
        model: config.model,
        contextTokens: config.contextTokens,
        idleTimeoutMs: config.idleTimeoutMs,
        ...(config.maxOutputTokens === null ? {} : { maxOutputTokens: config.maxOutputTokens }),
        ...(config.totalTimeoutMs === null ? {} : { totalTimeoutMs: config.totalTimeoutMs }),
        ...(config.system === null ? {} : { systemPrompt: config.system }),
        ...modelMeans(config, surroundings, log),
      });
    case "acp":
      return createAcpAgent({
        command: config.command,
        cwd: config.cwd,
        env: revealed(config.env),
        permissions: config.permissions,
        idleTimeoutMs: config.idleTimeoutMs,
        ...(config.totalTimeoutMs === null ? {} : { totalTimeoutMs: config.totalTimeoutMs }),
        onStderr: (line) => log.debug({ program: config.command[0], line }, "agent wrote to standard error"),
        files: createAgentFiles({ clock: systemClock, fromPlatform: surroundings.fetchFromPlatform }),
        version: VERSION,
      });
    case "command":
      return createCommandAgent({
        command: config.command,
        cwd: config.cwd,
        env: revealed(config.env),
        moreEnv: traceVariables,
        idleTimeoutMs: config.idleTimeoutMs,
        ...(config.totalTimeoutMs === null ? {} : { totalTimeoutMs: config.totalTimeoutMs }),
        onStderr: (line, turnId) => log.debug({ turnId, line }, "agent wrote to standard error"),
      });
  }
}

function revealed(env: Extract<AgentConfig, { kind: "command" }>["env"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.reveal()]));
}

function endpointOf({ provider, baseUrl, apiKey }: Extract<AgentConfig, { kind: "model" }>): ModelEndpoint {
  const key = apiKey === null ? {} : { apiKey: apiKey.reveal() };
  if (provider === "openai-compatible") {
    if (baseUrl === null)
      throw new ParlorError("INVALID_CONFIG", "OPENAI_BASE_URL must say where the model is served; found nothing.");
    return { api: "openai-compatible", baseUrl, ...key };
  }
  return { api: "anthropic", apiKey: apiKey?.reveal() ?? "", ...(baseUrl === null ? {} : { baseUrl }) };
}
