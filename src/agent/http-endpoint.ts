import { ParlorError } from "../core/errors.ts";
import { isWebhookSecret } from "../lib/webhook-signature.ts";

/** Where an agent answers over HTTP, and what the questions are signed with. */
export interface HttpEndpoint {
  readonly url: string;
  /** Base 64, with or without `whsec_`, as Standard Webhooks has it. */
  readonly secret: string;
  /** Whether its address may be one of this machine or of a private network. Default: false. */
  readonly allowPrivate?: boolean;
}

/** An endpoint whose parts have been checked. */
export interface CheckedHttpEndpoint {
  readonly url: URL;
  /** Without path and query, which may hold a secret of their own: it can be shown. */
  readonly origin: string;
  readonly secret: string;
  readonly allowPrivate: boolean;
}

/** @throws ParlorError `INVALID_CONFIG`, without the value that is wrong: it may hold a secret. */
export function checkHttpEndpoint({ url: text, secret, allowPrivate = false }: HttpEndpoint): CheckedHttpEndpoint {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("agent.url must be an http or https URL; found something else.");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("agent.url must be a URL without user name and password; found one that has them.");
  }
  if (!isWebhookSecret(secret)) {
    throw invalid("PARLOR_AGENT_SECRET must be base 64, such as whsec_ and 32 characters; found something else.");
  }
  return { url, origin: url.origin, secret, allowPrivate };
}

function invalid(message: string): ParlorError {
  return new ParlorError("INVALID_CONFIG", message);
}
