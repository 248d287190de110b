import { AgentError, type Agent } from "../agent/agent.ts";
import type { Clock } from "../lib/clock.ts";
import { settlesWithin } from "../lib/sleep.ts";

/** How long an agent may take to close, in milliseconds: longer than its programs get to end. */
const CLOSE_MS = 5_000;

/** Closes an agent. What it throws is told, and one that takes too long is told of and left behind; this never throws. */
export async function closeAgent(agent: Agent, clock: Clock, onFault: (error: unknown) => void): Promise<void> {
  try {
    const closed = Promise.resolve(agent.close?.()).catch(onFault);
    if (await settlesWithin(clock, CLOSE_MS, closed)) return;
    onFault(
      new AgentError(`The agent "${agent.name}" has not closed in ${CLOSE_MS / 1000} seconds and is left behind.`, {
        retryable: false,
      }),
    );
  } catch (error) {
    onFault(error);
  }
}
