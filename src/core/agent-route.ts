import type { ChatType, Source } from "./source.ts";

/** The name of the agent that answers where no route says otherwise. */
export const DEFAULT_AGENT = "default";

/** Which agent answers whom. What a route leaves open matches everything. */
export interface AgentRoute {
  readonly platform?: string;
  readonly chatType?: ChatType;
  /** The platform's id of a chat. */
  readonly chat?: string;
  /** The platform's id of a person. */
  readonly user?: string;
  /** The name of the agent. */
  readonly agent: string;
}

/**
 * The name of the agent that answers a source. The most exact route wins: one for the person, for the chat, for
 * the platform and chat type, for the platform, for the chat type; of two that are equally exact the first.
 */
export function agentNameFor(routes: readonly AgentRoute[], source: Source): string {
  let best = { weight: 0, agent: DEFAULT_AGENT };
  for (const route of routes) {
    const weight = weightOf(route);
    if (weight > best.weight && matches(route, source)) best = { weight, agent: route.agent };
  }
  return best.agent;
}

/** How exact a route is: 0 for one that is for everybody. */
export function weightOf({ platform, chatType, chat, user }: AgentRoute): number {
  const weigh = (value: unknown, weight: number): number => (value === undefined ? 0 : weight);
  return weigh(user, 8) + weigh(chat, 4) + weigh(platform, 2) + weigh(chatType, 1);
}

function matches({ platform, chatType, chat, user }: AgentRoute, source: Source): boolean {
  return (
    (platform ?? source.platform) === source.platform &&
    (chatType ?? source.chatType) === source.chatType &&
    (chat ?? source.chat) === source.chat &&
    (user ?? source.user) === source.user
  );
}
