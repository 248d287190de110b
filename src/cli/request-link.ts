import { ParlorError, errorMessage } from "../core/errors.ts";
import { probeGateway } from "./probe-gateway.ts";

/** What a gateway says to whoever wants to open its page. */
export type LinkOutcome =
  /** `expiresAt` in epoch milliseconds; null: the link needs no login and lasts. */
  | { readonly outcome: "link"; readonly path: string; readonly expiresAt: number | null }
  /** `reason` is the end of a sentence. */
  | { readonly outcome: "not-running"; readonly reason: string };

const TIMEOUT_MS = 5_000;

/**
 * Asks the gateway at `url` for a link to its page. The token is shown to a gateway alone: what answers
 * there is looked at first.
 *
 * @throws ParlorError `GATEWAY_UNREACHABLE` when the gateway has another token.
 */
export async function requestLink(url: string, token: string | null): Promise<LinkOutcome> {
  const probe = await probeGateway(url);
  if (probe.outcome !== "running") return probe;
  const { status, body } = await post(`${url}/api/page/links`, token);
  if (status === 401) {
    const found = token === null ? "a token, and this configuration has none" : "another token than this configuration";
    throw new ParlorError(
      "GATEWAY_UNREACHABLE",
      `The gateway at ${url} has ${found}; set PARLOR_TOKEN to the gateway's own, or run parlor open in the folder ` +
        `it was started in.`,
    );
  }
  if (isLink(body)) return { outcome: "link", path: body.path, expiresAt: body.expiresAt };
  return { outcome: "not-running", reason: `the gateway at ${url} answered ${String(status)} instead of a link` };
}

/** The status and the JSON of an answer; what went wrong instead of a status when there is none. */
async function post(url: string, token: string | null): Promise<{ status: number | string; body: unknown }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
    });
    return { status: response.status, body: response.ok ? await response.json() : null };
  } catch (error) {
    return { status: `with a fault (${errorMessage(error)})`, body: null };
  }
}

function isLink(body: unknown): body is { readonly path: string; readonly expiresAt: number | null } {
  if (typeof body !== "object" || body === null || !("path" in body && "expiresAt" in body)) return false;
  const { path, expiresAt } = body;
  const isPath = typeof path === "string" && /^\/(?:#open=[\w-]+)?$/.test(path);
  return isPath && (expiresAt === null || typeof expiresAt === "number");
}
