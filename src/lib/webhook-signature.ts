/**
 * Signatures of Standard Webhooks (https://www.standardwebhooks.com): `v1` is an HMAC-SHA256 over id,
 * timestamp and body. The library makes them; the comparison is ours because the library's `verify`
 * takes the time from the machine, and Parlor asks a clock that tests can hold still.
 */
import { timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";

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

/** Whether a secret can sign: base 64, with or without `whsec_` before it. */
export function isWebhookSecret(secret: string): boolean {
  return readSecret(secret) !== null;
}

/**
 * The headers of a webhook with this id and body, signed at `nowMs`.
 *
 * @throws TypeError when the secret is none; see `isWebhookSecret`.
 */
export function signWebhook(secret: string, id: string, body: string, nowMs: number): WebhookHeaders {
  const seconds = Math.floor(nowMs / 1_000);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": openSecret(secret).sign(id, new Date(seconds * 1_000), body),
  };
}

/**
 * Whether the holder of the secret has sent this body, within the last (or next) 300 s.
 *
 * @throws TypeError when the secret is none; see `isWebhookSecret`.
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

  const expected = Buffer.from(openSecret(secret).sign(id, new Date(signedAt), rawBody));
  const isSigned = signatures
    .split(" ", MAX_SIGNATURES)
    .map((signature) => Buffer.from(signature))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  return isSigned ? { outcome: "verified", id } : { outcome: "rejected", reason: "bad_signature" };
}

function openSecret(secret: string): Webhook {
  const webhook = readSecret(secret);
  if (webhook === null) throw new TypeError("The secret of a webhook must be base 64; found something else.");
  return webhook;
}

function readSecret(secret: string): Webhook | null {
  try {
    return new Webhook(secret);
  } catch {
    // The library's error is left out: it could quote the secret.
    return null;
  }
}
