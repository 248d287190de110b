/**
 * The agents of a gateway: who answers whom, and their end. What an agent holds between turns it lets go of once,
 * under however many names it is known.
 */
import type { Agent } from "../agent/agent.ts";
import type { AgentConfig, Config } from "../config/config.ts";
import { agentNameFor } from "../core/agent-route.ts";
import { ParlorError } from "../core/errors.ts";
import type { Source } from "../core/source.ts";
import type { Clock } from "../lib/clock.ts";
import { closeAgent } from "./close-agent.ts";

export interface Agents {
  /** Who answers where no route says otherwise. */
  readonly default: Agent;
  /** All of them, the default one first; the others are called what the configuration calls them. */
  readonly all: readonly Agent[];
  /** Who answers a source. The same as long as the configuration stays. */
  agentFor(source: Source): Agent;
  /**
   * Closes each; what one of them throws is told, one that takes too long is left behind, and neither holds up
   * another. Later calls wait for the first.
   */
  close(): Promise<void>;
}

export interface AgentsDeps {
  readonly create: (config: AgentConfig) => Agent;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/**
 * The agents of a configuration.
 *
 * @throws ParlorError `INVALID_CONFIG` when two of them have one name.
 */
export function createAgents(
  config: Pick<Config, "agent" | "agents" | "routes">,
  { create, clock, onFault }: AgentsDeps,
): Agents {
  const first = create(config.agent);
  const made = [first];
  const byName = new Map<string, Agent>();
  for (const [name, settings] of Object.entries(config.agents)) {
    if (name === first.name) {
      throw new ParlorError(
        "INVALID_CONFIG",
        `agents.${name} must have another name: the default agent is called "${name}", too.`,
      );
    }
    const agent = create(settings);
    made.push(agent);
    byName.set(name, called(name, agent));
  }
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all([...new Set(made)].map((agent) => closeAgent(agent, clock, onFault)));
  };

  return {
    default: first,
    all: [first, ...byName.values()],
    agentFor: (source) => byName.get(agentNameFor(config.routes, source)) ?? first,
    close: () => (closing ??= closeAll()),
  };
}

/** The agent under another name: two of them may use one model. */
function called(name: string, agent: Agent): Agent {
  const { model, transcriptLimit } = agent;
  return {
    name,
    ...(model === undefined ? {} : { model }),
    ...(transcriptLimit === undefined ? {} : { transcriptLimit }),
    run: (turn, signal, ports) => agent.run(turn, signal, ports),
  };
}
