/** Several agents side by side, and which of them answers whom. */
import { type AgentRoute, DEFAULT_AGENT, weightOf } from "../core/agent-route.ts";
import { resolveAgent } from "./agent-config.ts";
import { agentName } from "./agent-name.ts";
import { namedPlace } from "./agent-place.ts";
import type { Surroundings } from "./command-agent-config.ts";
import type { AgentConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { notePlatform } from "./platform-names.ts";
import type { Settings } from "./schema.ts";
import { agentVariable, type Variables } from "./variables.ts";

/** Names that already mean an agent: the default one in a route, and the one that answers in OpenAI's API. */
const TAKEN: readonly string[] = [DEFAULT_AGENT, "parlor"];

/** The agents of `agents`, by name. */
export function resolveAgents(
  given: Settings["agents"],
  variables: Variables,
  surroundings: Surroundings,
  findings: Findings,
): Readonly<Record<string, AgentConfig>> {
  const agents: Record<string, AgentConfig> = {};
  for (const [name, agent] of Object.entries(given)) {
    const place = namedPlace(name, agent, variables);
    if (TAKEN.includes(name)) {
      findings.problems.push(
        `${placeOf(findings.places, place.key)} must have another name; "${name}" already means an agent.`,
      );
    }
    // What is left out for the default agent is a mistake here.
    agents[name] = resolveAgent(agent ?? null, place, surroundings, findings);
  }
  noteUnused(Object.keys(given), variables, findings);
  return agents;
}

function noteUnused(names: readonly string[], { agentSecrets }: Variables, { places, notes }: Findings): void {
  const used = new Set([...places.values()].map(({ name }) => name));
  for (const { name: variable } of agentSecrets.values()) {
    if (used.has(variable)) continue;
    const owner = names.find((name) =>
      [agentVariable(name, "API_KEY"), agentVariable(name, "SECRET")].includes(variable),
    );
    const why = owner === undefined ? "agents names no agent it could be for" : `agents.${owner} has no use for it`;
    notes.push(`${variable} is set but not used: ${why}.`);
  }
}

/** No other agent is called what the default one is: in a list of them, and in OpenAI's API, they could not be told apart. */
export function checkNames(
  agent: AgentConfig,
  agents: Readonly<Record<string, AgentConfig>>,
  findings: Findings,
): void {
  const name = agentName(agent);
  // What stands for a default agent that is refused says nothing about it.
  if (findings.problems.length > 0 || !Object.hasOwn(agents, name)) return;
  findings.problems.push(
    `${placeOf(findings.places, `agents.${name}`)} must have another name; the default agent is called "${name}", too.`,
  );
}

/** The routes to agents that there are. */
export function resolveRoutes(
  given: Settings["routes"],
  agents: Readonly<Record<string, unknown>>,
  findings: Findings,
): readonly AgentRoute[] {
  const routes = given.map(({ platform, chatType, chat, user, agent }) => ({
    ...(platform === undefined ? {} : { platform }),
    ...(chatType === undefined ? {} : { chatType }),
    ...(chat === undefined ? {} : { chat }),
    ...(user === undefined ? {} : { user }),
    agent,
  }));
  const names = [DEFAULT_AGENT, ...Object.keys(agents)];
  const seen = new Map<string, number>();
  for (const [index, route] of routes.entries()) {
    check(route, index, names, findings);
    notePlatform(route.platform, `routes.${index}.platform`, findings);
    const { agent: _agent, ...what } = route;
    const earlier = seen.get(JSON.stringify(what));
    if (earlier === undefined) seen.set(JSON.stringify(what), index);
    else findings.notes.push(`routes.${index} never holds: routes.${earlier} is for the same.`);
  }
  for (const name of Object.keys(agents)) {
    if (routes.some(({ agent }) => agent === name)) continue;
    findings.notes.push(
      `${placeOf(findings.places, `agents.${name}`)} is in no route: it answers only a call of OpenAI's API without a session that names it.`,
    );
  }
  return routes;
}

function check(route: AgentRoute, index: number, names: readonly string[], { places, problems }: Findings): void {
  const at = (part: string): string => placeOf(places, part === "" ? `routes.${index}` : `routes.${index}.${part}`);
  if (!names.includes(route.agent)) {
    problems.push(
      `${at("agent")} must be the name of an agent, one of ${names.join(", ")}; found ${JSON.stringify(route.agent)}.`,
    );
  }
  if (weightOf(route) === 0) {
    problems.push(
      `${at("")} must say whom it is for: platform, chatType, chat or user; the agent for everybody else is agent.`,
    );
  }
  // Elsewhere the same id may be somebody else.
  for (const part of ["chat", "user"] as const) {
    if (route[part] !== undefined && route.platform === undefined) {
      problems.push(`${at(part)} must have a platform beside it, whose id it is.`);
    }
  }
}
