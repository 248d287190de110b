import { systemClock, type Clock } from "../lib/clock.ts";
import { checkEndpoint, endpointHeaders, type CheckedEndpoint, type ModelEndpoint } from "./model-endpoint.ts";
import { networkReason } from "./network-reason.ts";
import { createTimeLimit } from "./time-limit.ts";

export type ListedModels =
  | { readonly outcome: "listed"; readonly models: readonly string[] }
  /** The endpoint could not be asked, or does not say; `reason` is such as `connection refused`, or a status. */
  | { readonly outcome: "unavailable"; readonly reason: string };

export interface ListModelsOptions {
  /** Default: 3,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Whether an answer from another address counts. Default: follow. */
  readonly redirect?: "follow" | "error";
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The names of the models that an endpoint offers, in its order. */
export function listModels(endpoint: ModelEndpoint, options: ListModelsOptions = {}): Promise<ListedModels> {
  return listModelsOf(checkEndpoint(endpoint), options);
}

/** `listModels` for an endpoint that has been checked. */
export async function listModelsOf(endpoint: CheckedEndpoint, options: ListModelsOptions = {}): Promise<ListedModels> {
  using limit = createTimeLimit(options.clock ?? systemClock, options.timeoutMs ?? 3_000);
  limit.restart();
  const signal = options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]);
  try {
    const response = await fetch(`${endpoint.baseUrl}/models`, {
      headers: endpointHeaders(endpoint),
      redirect: options.redirect ?? "follow",
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      return { outcome: "unavailable", reason: String(response.status) };
    }
    const models = modelNames(await response.json());
    return models === null ? { outcome: "unavailable", reason: "not a list of models" } : { outcome: "listed", models };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (limit.signal.aborted) return { outcome: "unavailable", reason: "timed out" };
    return { outcome: "unavailable", reason: networkReason(error) ?? "not a list of models" };
  }
}

/** Names that can stand in a sentence; others are left out. */
function modelNames(body: unknown): readonly string[] | null {
  const data: unknown = typeof body === "object" && body !== null && "data" in body ? body.data : null;
  if (!Array.isArray(data)) return null;
  return data
    .map((item: unknown) => (typeof item === "object" && item !== null && "id" in item ? item.id : null))
    .filter((id): id is string => typeof id === "string" && /^[\w./:@+-]{1,120}$/.test(id));
}
