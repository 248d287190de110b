import type { Agent } from "../agent/agent.ts";
import { createEchoAgent } from "../agent/echo.ts";
import type { ModelEndpoint } from "../agent/model-endpoint.ts";
import { createModelAgent } from "../agent/model.ts";
import type { AgentConfig } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";

/** The agent of a configuration. */
export function createAgent(config: AgentConfig): Agent {
  switch (config.kind) {
    case "echo":
      return createEchoAgent({ delayMs: config.delayMs });
    case "code":
      return config.agent;
    case "model":
      return createModelAgent({
        endpoint: endpointOf(config),
        model: config.model,
        idleTimeoutMs: config.idleTimeoutMs,
        ...(config.system === null ? {} : { systemPrompt: config.system }),
      });
  }
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
