import { errorMessage } from "../core/errors.ts";

/** What was found at the address of the gateway. */
export type Probe =
  | { readonly outcome: "running" }
  /** `reason` is the end of a sentence; `isFree`: nothing listens there. */
  | { readonly outcome: "not-running"; readonly reason: string; readonly isFree?: true };

const TIMEOUT_MS = 2_000;

/** Asks whether a gateway answers at `url`. */
export async function probeGateway(url: string): Promise<Probe> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
    const body: unknown = response.ok ? await response.json() : null;
    if (typeof body === "object" && body !== null && "status" in body && body.status === "ok")
      return { outcome: "running" };
    return { outcome: "not-running", reason: `another program answers at ${url}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED") {
      return { outcome: "not-running", reason: `nothing listens at ${url}`, isFree: true };
    }
    return { outcome: "not-running", reason: reasonOf(cause, url) };
  }
}

function reasonOf(cause: unknown, url: string): string {
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return `${url} did not answer within ${TIMEOUT_MS / 1000} seconds`;
  }
  if (cause instanceof SyntaxError) return `another program answers at ${url}`;
  return `${url} cannot be reached (${errorMessage(cause)})`;
}
