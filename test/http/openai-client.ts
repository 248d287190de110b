/** The official client against a gateway on a port of its own. */
import OpenAI from "openai";
import type { Agent } from "../../src/agent/agent.ts";
import type { Config } from "../../src/config/config.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";

export interface Served extends AsyncDisposable {
  readonly gateway: Gateway & { readonly url: string };
  readonly client: OpenAI;
}

/** A gateway whose agent this is, and a client of it. */
export async function serve(
  agent: Agent,
  home: string = scratchFolder(),
  server: Partial<Config["server"]> = {},
): Promise<Served> {
  const config = await configOf(home, { answers: agent });
  const gateway = await startGateway({ ...config, server: { ...config.server, ...server } });
  return { gateway, client: clientOf(gateway.url), [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

export function clientOf(url: string, apiKey: string = "none"): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** The header that makes a repetition start nothing. */
export function keyed(key: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { "Idempotency-Key": key } };
}

/** Everything a stream brings, to its end. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
