/**
 * Signatures of Standard Webhooks (https://www.standardwebhooks.com): `v1` is an HMAC-SHA256 over id,
 * timestamp and body. The library makes them; the comparison is ours because the library's `verify`
 * takes the time from the machine, and Parlor asks a clock that tests can hold still.
 */
import { timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { ParlorError } from "../core/errors.ts";

/** How far a timestamp may be from now, either way, in milliseconds. */
const SIGNATURE_WINDOW_MS = 300_000;

/** The most signatures of one request that are looked at: a key being rotated needs two. */
const MAX_SIGNATURES = 8;

export type WebhookVerification =
  | { readonly outcome: "verified"; readonly id: string }
  | {
      readonly outcome: "rejected";
      readonly reason: "missing_headers" | "bad_timestamp" | "expired" | "bad_signature";
    };

/** The headers that make a body a signed webhook. */
export interface WebhookHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/**
 * Checks that a secret can sign.
 *
 * @throws ParlorError `INVALID_CONFIG` when it is not base 64, with or without `whsec_` before it.
 */
export function checkWebhookSecret(name: string, secret: string): void {
  openSecret(name, secret);
}

/** The headers of a webhook with this id and body, signed at `nowMs`. */
export function signWebhook(secret: string, id: string, body: string, nowMs: number): WebhookHeaders {
  const seconds = Math.floor(nowMs / 1_000);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": openSecret("webhook", secret).sign(id, new Date(seconds * 1_000), body),
  };
}

/**
 * Whether the holder of the secret has sent this body, within the last (or next) 300 s.
 *
 * @throws ParlorError `INVALID_CONFIG` when the secret cannot be read.
 */
export function verifyWebhook(
  secret: string,
  headers: Pick<Headers, "get">,
  rawBody: string,
  nowMs: number,
): WebhookVerification {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  const signatures = headers.get("webhook-signature");
  if (!id || !timestamp || !signatures) return { outcome: "rejected", reason: "missing_headers" };
  if (!/^\d{1,12}$/.test(timestamp)) return { outcome: "rejected", reason: "bad_timestamp" };
  const signedAt = Number(timestamp) * 1_000;
  if (Math.abs(nowMs - signedAt) > SIGNATURE_WINDOW_MS) return { outcome: "rejected", reason: "expired" };

  const expected = Buffer.from(openSecret("webhook", secret).sign(id, new Date(signedAt), rawBody));
  const isSigned = signatures
    .split(" ", MAX_SIGNATURES)
    .map((signature) => Buffer.from(signature))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  return isSigned ? { outcome: "verified", id } : { outcome: "rejected", reason: "bad_signature" };
}

function openSecret(name: string, secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    // The library's error is left out: it could quote the secret.
    throw new ParlorError(
      "INVALID_CONFIG",
      `The secret of the webhook "${name}" must be base 64, such as whsec_ and 32 characters; found something else.`,
    );
  }
}
