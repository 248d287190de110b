import { AGENT_VARIABLES } from "./agent-config.ts";
import { isLoopback } from "./loopback.ts";
import type { Variables } from "./variables.ts";

/** A server of models that may run on this machine. */
export interface LocalEndpoint {
  /** What people call it. */
  readonly name: "Ollama" | "LM Studio";
  /** Where it speaks the OpenAI API. */
  readonly baseUrl: string;
}

const OLLAMA_PORT = "11434";
const LM_STUDIO: LocalEndpoint = { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" };

/** Where local models are, if there are any; nowhere when the variables say which model answers. */
export function localEndpoints(values: Variables["values"]): readonly LocalEndpoint[] {
  if (["PARLOR_MODEL", ...AGENT_VARIABLES].some((name) => values.has(name))) return [];
  const ollama = ollamaUrl(values.get("OLLAMA_HOST")?.value ?? "");
  return [...(ollama === null ? [] : [{ name: "Ollama", baseUrl: ollama } as const]), LM_STUDIO];
}

/**
 * The address in `OLLAMA_HOST`, as Ollama reads it: scheme, host and port may be left out, and "every
 * address", which servers listen on, is this machine. Null when it is another machine, or no address.
 */
function ollamaUrl(value: string): string | null {
  const [, scheme, authority = ""] = /^(?:(https?):\/\/)?([^/]*)/i.exec(value.trim()) ?? [];
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? [null, authority];
  const name = { "": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]", "::": "[::1]" }[host] ?? host;
  if (!isLoopback(name)) return null;
  const protocol = scheme?.toLowerCase() ?? "http";
  const implied = scheme === undefined ? OLLAMA_PORT : protocol === "https" ? "443" : "80";
  const url = `${protocol}://${name.includes(":") && !name.startsWith("[") ? `[${name}]` : name}:${port ?? implied}/v1`;
  return URL.canParse(url) ? url : null;
}
