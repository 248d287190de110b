/**
 * The agents of a gateway, and their end: what one holds between turns it lets go of once.
 */
import { AgentError, type Agent } from "../agent/agent.ts";
import type { AgentConfig, Config } from "../config/config.ts";
import type { Source } from "../core/source.ts";
import type { Clock } from "../lib/clock.ts";
import { settlesWithin } from "../lib/sleep.ts";

export interface Agents {
  /** Who answers. */
  readonly default: Agent;
  /** All of them. */
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

/** How long an agent may take to close, in milliseconds: longer than its programs get to end. */
const CLOSE_MS = 5_000;

/** The agents of a configuration. */
export function createAgents(config: Pick<Config, "agent">, { create, clock, onFault }: AgentsDeps): Agents {
  const first = create(config.agent);
  const made = [first];
  let closing: Promise<void> | undefined;
  const close = async (agent: Agent): Promise<void> => {
    const closed = Promise.resolve(agent.close?.()).catch(onFault);
    if (await settlesWithin(clock, CLOSE_MS, closed)) return;
    onFault(
      new AgentError(`The agent "${agent.name}" has not closed in ${CLOSE_MS / 1000} seconds and is left behind.`, {
        retryable: false,
      }),
    );
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all([...new Set(made)].map((agent) => close(agent).catch(onFault)));
  };

  return {
    default: first,
    all: [first],
    agentFor: () => first,
    close: () => (closing ??= closeAll()),
  };
}
