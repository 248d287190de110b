import type { AgentConfig, Config } from "../config/config.ts";
import { isLoopback } from "../config/loopback.ts";
import type { Started } from "../gateway/gateway.ts";
import { VERSION } from "../gateway/version.ts";
import { type FoundModels, foundLine } from "./found-models.ts";
import { count } from "./quantity.ts";
import { reachableUrl } from "./reachable-url.ts";

/** What whoever starts a gateway is told of it. */
export interface StartFacts {
  readonly version: string;
  readonly url: string;
  /** The page for a browser on this machine; null: a login is needed, with a link of `parlor open`. */
  readonly page: string | null;
  readonly dataDirectory: string;
  readonly agent: string;
  /** The other agents, by name. */
  readonly agents: readonly string[];
  /** Servers of models on this machine, which nobody has chosen. */
  readonly localModels: readonly FoundModels[];
  /** Names of what messages come in by. */
  readonly platforms: readonly string[];
  /** A command line that says something and prints the answer. */
  readonly try: string;
  readonly pid: number;
}

/** @param started - Where the gateway listens, and the chat platforms it is on. */
export function startFacts(
  config: Config,
  agentName: string,
  { url, platforms = [] }: Pick<Started, "url"> & Partial<Started>,
  localModels: readonly FoundModels[] = [],
): StartFacts {
  return {
    version: VERSION,
    url,
    page: pageOf(config, url),
    dataDirectory: config.dataDirectory,
    agent: agentName,
    agents: Object.keys(config.agents),
    localModels,
    platforms: [...platformsOf(config), ...platforms],
    try: tryLine(config, url),
    pid: process.pid,
  };
}

/**
 * The facts as a person reads them, one on a line and never more than ten: seven, one more where a page needs a
 * login and so has no address of its own, one where there are several agents, and one where a model was found.
 */
export function startLines(config: Config, facts: StartFacts): readonly (readonly [name: string, value: string])[] {
  const found = foundLine(facts.localModels);
  return [
    ["Parlor", facts.version],
    ...pageLines(facts),
    ["Data", facts.dataDirectory],
    ["Agent", agentLine(config.agent, facts.agent)],
    ...(facts.agents.length === 0 ? [] : [["Besides", agentsLine(config)] as const]),
    ...(found === null ? [] : [["Found", found] as const]),
    ["Platforms", platformLine(config, facts.platforms)],
    ["Try", facts.try],
    ["Stop", `Ctrl-C, or kill ${facts.pid}`],
  ];
}

function pageLines({ url, page }: StartFacts): readonly (readonly [name: string, value: string])[] {
  if (page !== null) return [["Page", page]];
  return [
    ["Listens", url],
    ["Page", "run parlor open for a link"],
  ];
}

function agentLine(config: AgentConfig, name: string): string {
  switch (config.kind) {
    case "echo":
      return `${name}; set PARLOR_MODEL, and OPENAI_BASE_URL or ANTHROPIC_API_KEY, to let a model answer`;
    case "model":
      return `${name} at ${config.baseUrl ?? config.provider}; PARLOR_MODEL names another one`;
    case "command":
      return `${name}, started in ${config.cwd} for each turn; agent.command names another program`;
    case "acp":
      return `${name}, an ACP agent started in ${config.cwd}; agent.command names another program`;
    case "http":
      return `${name}, asked over HTTP; agent.url of the configuration file names another one`;
    case "code":
      return `${name}, of the configuration file; its agent is another one`;
  }
}

/** The agents besides the default one, each with how many routes lead to it. */
export function agentsLine({ agents, routes }: Pick<Config, "agents" | "routes">): string {
  return Object.keys(agents)
    .map((name) => `${name} (${count(routes.filter(({ agent }) => agent === name).length, "route")})`)
    .join(", ");
}

function platformsOf(config: Config): readonly string[] {
  const webhooks = Object.keys(config.webhooks).map((name) => `webhook ${name}`);
  return isLoopback(config.server.host) ? ["webhook demo", ...webhooks] : webhooks;
}

function platformLine({ telegram, webhooks }: Config, platforms: readonly string[]): string {
  const on = platforms.map((name) => (name === "webhook demo" ? `${name} (unsigned)` : name));
  const off = [
    ...(telegram === null ? ["TELEGRAM_BOT_TOKEN for Telegram"] : []),
    ...(Object.keys(webhooks).length === 0 ? ["PARLOR_WEBHOOK_<NAME>_SECRET for a signed webhook"] : []),
  ];
  const named = on.length === 0 ? "none" : on.join(", ");
  return off.length === 0 ? named : `${named}; set ${off.join(", ")}`;
}

function pageOf({ token }: Config, url: string): string | null {
  const { hostname, port } = new URL(url);
  return token === null ? reachableUrl(hostname, Number(port)) : null;
}

/** The unsigned hook is there on loopback alone; where there is a token, everything asks for it. */
function tryLine({ server, token }: Config, url: string): string {
  const isOpen = token === null && isLoopback(server.host);
  const { hostname, port } = new URL(url);
  const base = reachableUrl(hostname, Number(port));
  const path = isOpen ? "/hooks/demo" : "/api/chats/demo/messages";
  return [
    `curl '${base}${path}?wait=30'`,
    ...(isOpen ? [] : [`-H "Authorization: Bearer $PARLOR_TOKEN"`]),
    `-H 'Content-Type: application/json'`,
    `-d '{"from":"ada","text":"Hello"}'`,
  ].join(" ");
}
