/** The MCP servers whose tools models may call. No message here shows a token or an address. */
import { resolve } from "node:path";
import { mcpServerSchema, type McpServerSettings } from "./agent-schemas.ts";
import { passedOn, type Surroundings } from "./command-agent-config.ts";
import type { AgentConfig, McpServerConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { checkHttpAddress } from "./http-address.ts";
import { addIssues } from "./issue-problems.ts";
import type { Settings } from "./schema.ts";
import { createSecret } from "./secret.ts";
import { mcpVariable, type VariableValue, type Variables } from "./variables.ts";

/** The longest name: what a model calls a tool begins with it. */
const MAX_NAME = 32;

type Servers = Readonly<Record<string, McpServerConfig>>;

/** The servers of `mcp`, by name. */
export function resolveMcp(
  given: Settings["mcp"],
  { mcpTokens }: Variables,
  surroundings: Surroundings,
  findings: Findings,
): Servers {
  const servers: Record<string, McpServerConfig> = {};
  for (const [name, server] of Object.entries(given)) {
    const key = `mcp.${name}`;
    if (name.length > MAX_NAME) {
      findings.problems.push(
        `${placeOf(findings.places, key)} must have a name of at most ${MAX_NAME} characters; found ${name.length}.`,
      );
    }
    const parsed = mcpServerSchema.safeParse(server);
    if (parsed.success) {
      const resolved = resolveServer(name, parsed.data, mcpTokens.get(name), surroundings, findings);
      if (resolved !== null) servers[name] = resolved;
    } else addIssues(parsed.error.issues, server, findings, ["mcp", name]);
  }
  for (const [name, { name: variable }] of mcpTokens) {
    if (!(name in given)) findings.notes.push(`${variable} is set but not used: mcp names no server it could be for.`);
  }
  return servers;
}

function resolveServer(
  name: string,
  { command, cwd, env, url, allowPrivate }: McpServerSettings,
  token: VariableValue | undefined,
  surroundings: Surroundings,
  findings: Findings,
): McpServerConfig | null {
  const key = `mcp.${name}`;
  const place = placeOf(findings.places, key);
  if ((command === undefined) === (url === undefined)) {
    const found = command === undefined ? "neither" : "both";
    findings.problems.push(`${place} must have either a command or a url; found ${found}.`);
    return null;
  }
  if (url === undefined) {
    if (command === undefined) return null;
    if (allowPrivate !== undefined) findings.problems.push(`${place} has allowPrivate, which only a url has use for.`);
    if (token !== undefined) findings.notes.push(`${token.name} is set but not used: ${key} is a program.`);
    return {
      command,
      cwd: resolve(surroundings.cwd, cwd ?? "."),
      env: passedOn(env ?? [], key, surroundings, findings),
    };
  }
  if (cwd !== undefined || env !== undefined) {
    findings.problems.push(`${place} has cwd or env, which only a command has use for.`);
  }
  checkHttpAddress(url, { key, allowPrivate: allowPrivate ?? false }, findings);
  if (token !== undefined) {
    findings.places.set(`${key}.token`, token);
    if (!/^[\x21-\x7e]+$/.test(token.value)) {
      findings.problems.push(
        `${mcpVariable(name)} (${token.origin}) must be visible ASCII characters without spaces; copy the token again.`,
      );
    }
  }
  return { url, allowPrivate: allowPrivate ?? false, token: token === undefined ? null : createSecret(token.value) };
}

/** Every server that a model is given must be there. */
export function checkTools(
  { agent, agents }: { readonly agent: AgentConfig; readonly agents: Readonly<Record<string, AgentConfig>> },
  servers: Servers,
  { places, problems }: Findings,
): void {
  const all = [["agent", agent], ...Object.entries(agents).map(([name, each]) => [`agents.${name}`, each])] as const;
  for (const [key, each] of all as readonly (readonly [string, AgentConfig])[]) {
    if (each.kind !== "model") continue;
    for (const tool of each.tools.filter((name) => !(name in servers))) {
      const known = Object.keys(servers);
      const found = known.length === 0 ? "mcp has none" : `mcp has ${known.join(", ")}`;
      problems.push(
        `${placeOf(places, `${key}.tools`)} must name servers of mcp; found ${JSON.stringify(tool)}, and ${found}.`,
      );
    }
  }
}
