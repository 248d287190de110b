import type { Delivery } from "../core/delivery.ts";
import { errorMessage, ParlorError } from "../core/errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { readRetryAfter } from "../lib/retry-after.ts";
import { isWebhookSecret, signWebhook } from "../lib/webhook-signature.ts";
import { isNotConnected } from "./not-connected.ts";
import type { Platform, SendOutcome } from "./platform.ts";

export interface WebhookPlatformOptions {
  /** `Source.platform` of the hooks. Default: `webhook`. */
  readonly name?: string;
  /** The hooks that want their replies sent, by name (`Source.account`). */
  readonly hooks: ReadonlyMap<string, WebhookReplies>;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

export interface WebhookReplies {
  /** Where replies are posted. */
  readonly replyUrl: string;
  /** What they are signed with, as Standard Webhooks. */
  readonly secret: string;
}

/** How long one POST may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Posts replies as signed webhooks. The delivery's id is the `webhook-id` on every attempt, by which a
 * receiver recognises a repetition.
 *
 * @throws ParlorError `INVALID_CONFIG` for a URL or a secret that cannot be used.
 */
export function createWebhookPlatform({
  name = "webhook",
  hooks,
  clock = systemClock,
}: WebhookPlatformOptions): Platform {
  for (const [hook, { replyUrl, secret }] of hooks) {
    if (!isWebhookSecret(secret)) {
      throw new ParlorError(
        "INVALID_CONFIG",
        `The secret of the webhook "${hook}" must be base 64, such as whsec_ and 32 characters; found something else.`,
      );
    }
    if (!/^https?:$/.test(URL.parse(replyUrl)?.protocol ?? "")) {
      throw new ParlorError(
        "INVALID_CONFIG",
        `The replyUrl of the webhook "${hook}" must be an http or https URL; found something else.`,
      );
    }
  }

  return {
    name,
    idempotent: true,
    maxLength: null,
    delivers: ({ platform, account }) => platform === name && hooks.has(account),
    send: async (delivery, signal) => {
      const hook = hooks.get(delivery.destination.account);
      if (hook === undefined) {
        return { outcome: "failed", error: `The webhook "${delivery.destination.account}" has no replyUrl.` };
      }
      const body = replyBody(delivery);
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const response = await fetch(hook.replyUrl, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...signWebhook(hook.secret, delivery.id, body, clock.now()) },
          // A redirect could lead a signed reply to a host nobody configured.
          redirect: "manual",
          signal: AbortSignal.any([signal, timeout]),
        });
        await response.body?.cancel();
        return readResponse(response, clock.now());
      } catch (error) {
        return readFault(error, timeout.aborted);
      }
    },
  };
}

function replyBody({ sessionId, seq, destination, text }: Delivery): string {
  const { chat, thread, user } = destination;
  return JSON.stringify({
    type: "message.reply",
    session: sessionId,
    chat,
    thread,
    to: user,
    text,
    ...(seq === null ? {} : { seq }),
  });
}

function readResponse({ status, headers }: Response, nowMs: number): SendOutcome {
  const error = `The receiver answered ${status}.`;
  if (status >= 200 && status < 300) return { outcome: "sent", remoteId: null };
  if (status >= 300 && status < 400) {
    return { outcome: "failed", error: `${error} Redirects are not followed: configure the final URL.` };
  }
  if (status === 408 || status === 425 || status === 429 || status === 503) {
    const retryAfterMs = readRetryAfter(headers.get("retry-after"), nowMs);
    return retryAfterMs === null ? { outcome: "retry", error } : { outcome: "retry", error, retryAfterMs };
  }
  // What fails inside a receiver may have been taken in before it failed.
  return status >= 500 ? { outcome: "ambiguous", error } : { outcome: "failed", error };
}

function readFault(thrown: unknown, timedOut: boolean): SendOutcome {
  if (timedOut) return { outcome: "ambiguous", error: `The receiver did not answer within ${TIMEOUT_MS / 1_000} s.` };
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : errorMessage(cause);
  return { outcome: isNotConnected(code) ? "retry" : "ambiguous", error: `The request failed (${code}).` };
}
