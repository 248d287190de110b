/** A gateway as a whole, on a free port, with a data directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Agent } from "../../src/agent/agent.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createGateway, type Gateway } from "../../src/gateway/gateway.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/telemetry/log.ts";

/** A folder that is removed after the tests of the file that asked for it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-gateway-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The configuration of a gateway that keeps its data in `home`, with what is given in place of the
 * defaults. Leases are long, so that nothing is noticed only because one was not renewed.
 */
export async function configOf(
  home: string,
  given: Partial<Config> & { readonly answers?: Agent } = {},
): Promise<Config> {
  const { config } = await loadConfig({ env: { PARLOR_HOME: home, PORT: "0" }, cwd: home });
  const { answers, ...rest } = given;
  const turn = { ...config.turn, leaseMs: 3_600_000 };
  return { ...config, turn, ...(answers === undefined ? {} : { agent: { kind: "code", agent: answers } }), ...rest };
}

export function createSilentGateway(config: Config, clock: Clock = systemClock): Gateway {
  return createGateway(config, { log: createLog({ level: "silent" }), clock });
}

/** Starts a gateway; disposing of it stops it. */
export async function startGateway(config: Config, clock?: Clock): Promise<Gateway & { readonly url: string }> {
  const gateway = createSilentGateway(config, clock);
  const { url } = await gateway.start();
  return { ...gateway, url };
}

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request as any client of the API does. */
export async function call(url: string, method: string, body?: object): Promise<Answered> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Answered["body"]) };
}

/** Says something in a chat. */
export function say(
  url: string,
  text: string,
  options: { readonly wait?: number; readonly id?: string } = {},
): Promise<Answered> {
  const { wait, id } = options;
  const query = wait === undefined ? "" : `?wait=${wait}`;
  return call(`${url}/api/chats/lobby/messages${query}`, "POST", {
    from: "ada",
    text,
    ...(id === undefined ? {} : { id }),
  });
}

/** What the session holds: role, text and state of each entry. */
export async function transcript(url: string, session: unknown): Promise<string[]> {
  const { body } = await call(`${url}/api/sessions/${String(session)}/messages`, "GET");
  return (body["messages"] as Record<string, string>[]).map(({ role, text, state }) => `${role} ${text} ${state}`);
}
