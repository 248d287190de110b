/** The agents, as a client of OpenAI's API lists models. */
import { z } from "zod";
import type { Agent } from "../agent/agent.ts";
import type { Source } from "../core/source.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { OpenAiError } from "./openai-error.ts";

/** The name under which every client reaches the agent that answers, whatever it is called. */
const DEFAULT_MODEL = "parlor";

export const OPENAI_MODEL: z.ZodObject = z.object({
  id: z.string().describe("The name of an agent."),
  object: z.literal("model"),
  created: z.int().describe("Always 0: when an agent came to be is not known."),
  owned_by: z.literal("parlor"),
});

export const OPENAI_MODELS: z.ZodObject = z.object({ object: z.literal("list"), data: z.array(OPENAI_MODEL) });

export function modelList(agents: readonly Agent[]): object {
  return { object: "list", data: agents.map(({ name }) => modelView(name)) };
}

export function modelView(id: string): object {
  return { id, object: "model", created: 0, owned_by: "parlor" };
}

/**
 * The agent of a name; of `parlor`: the first one.
 *
 * @throws OpenAiError `model_not_found`
 */
export function agentOfModel(agents: readonly Agent[], model: string): Agent {
  const agent = agents.find(({ name }) => name === model) ?? (model === DEFAULT_MODEL ? agents[0] : undefined);
  if (agent !== undefined) return agent;
  const names = [...agents.map(({ name }) => JSON.stringify(name)), JSON.stringify(DEFAULT_MODEL)].join(", ");
  throw new OpenAiError("model_not_found", `There is no model of this name; there is ${names}.`, {
    param: "model",
  });
}

/**
 * The agent that answers the session of a source. Who that is the routes say, not the call: it may name this
 * agent or `parlor`, and is not left to believe that another one has answered.
 *
 * @throws OpenAiError `model_not_found`; `invalid_value` when it names another agent
 */
export async function agentOfSession(
  { agents, agentFor, look }: Pick<GatewayPorts, "agents" | "agentFor" | "look">,
  source: Source,
  model: string,
): Promise<Agent> {
  const named = agentOfModel(agents, model);
  if (agents.length === 1) return named;
  const answers = agentFor((await look(source)).source);
  if (model === DEFAULT_MODEL || named === answers) return answers;
  throw new OpenAiError(
    "invalid_value",
    `model: This conversation is answered by ${JSON.stringify(answers.name)}, as the routes of the configuration say. ` +
      `Name that one, or ${JSON.stringify(DEFAULT_MODEL)}.`,
    { param: "model" },
  );
}
