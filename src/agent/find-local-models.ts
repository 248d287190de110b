import { listModels } from "./list-models.ts";

/** A server of models on this machine that answers. */
export interface LocalModels {
  /** What people call the server. */
  readonly name: string;
  readonly baseUrl: string;
  /** The models that can talk, in the server's order; never empty. */
  readonly models: readonly string[];
}

/** What is in the name of a model that does something else than talk. */
const NO_CHAT = /embed|whisper|rerank/i;

/**
 * Asks each server for its models, until the signal is aborted. What has not answered then, and what has
 * no model that can talk, is left out. Nobody asked for this: a server that points elsewhere is not followed.
 */
export async function findLocalModels(
  endpoints: readonly { readonly name: string; readonly baseUrl: string }[],
  signal: AbortSignal,
): Promise<readonly LocalModels[]> {
  const found = await Promise.all(
    endpoints.map(async ({ name, baseUrl }) => ({ name, baseUrl, models: await chatModels(baseUrl, signal) })),
  );
  return found.filter(({ models }) => models.length > 0);
}

async function chatModels(baseUrl: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const listed = await listModels({ api: "openai-compatible", baseUrl }, { signal, redirect: "error" });
    return listed.outcome === "listed" ? listed.models.filter((model) => !NO_CHAT.test(model)) : [];
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}
