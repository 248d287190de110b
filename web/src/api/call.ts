import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { ApiFailure } from "./api-failure.ts";

/** Whether the gateway refused to answer this browser: nothing else is worth asking until that has changed. */
export const isSignedOut: Signal<boolean> = signal(false);

export interface CallOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** After how long there is no answer: a connection that slept with its computer would never give one. */
const PATIENCE_MS = 30_000;

/**
 * Asks the gateway; the JSON of its answer.
 *
 * @throws ApiFailure when there is no answer, or none that is wanted.
 */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const { body, signal: aborted } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(aborted === undefined ? [] : [aborted])]),
    });
    text = await response.text();
  } catch (error) {
    if (aborted?.aborted === true) throw error;
    throw new ApiFailure(0, "The gateway does not answer. Check that it is running.", { cause: error });
  }
  if (response.ok) return (text === "" ? null : JSON.parse(text)) as T;
  if (response.status === 401) isSignedOut.value = true;
  throw new ApiFailure(response.status, detailOf(text) ?? `The gateway answered ${response.status}.`);
}

/** What a problem document says is to be done. */
function detailOf(text: string): string | null {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === "string" ? detail : null;
  } catch {
    return null;
  }
}
