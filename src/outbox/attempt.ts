import { errorMessage } from "../core/errors.ts";
import { type Backoff, waitMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { Platform, Reconciled, SendOutcome } from "../platform/platform.ts";
import type { DeliveryResult, TakenDelivery } from "../store/store.ts";

export interface AttemptPolicy {
  /** How often a delivery is tried before it is given up. */
  readonly maxAttempts: number;
  /** The waits between attempts; a platform that asks for a longer one gets it. */
  readonly backoff: Backoff;
}

/** No rest that a platform asks for before the first try is longer, in milliseconds. */
const LONGEST_REST_MS = 60_000;

/**
 * Tries a delivery once. Where an earlier try may have arrived and a repetition would be a second message, the
 * platform is asked first. Whatever the platform does, this resolves.
 */
export async function tryOnce(
  delivery: TakenDelivery,
  platform: Platform,
  policy: AttemptPolicy,
  clock: Pick<Clock, "now">,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const refusal = refuse(delivery, platform, policy);
  if (refusal !== null) return refusal;
  const send = async (tried: TakenDelivery): Promise<DeliveryResult> =>
    conclude(tried, await sendOnce(platform, tried, signal), platform, policy, clock);
  if (!delivery.ambiguous || isRepeatable(delivery, platform)) return send(delivery);
  const found = await askOnce(platform, delivery, signal);
  switch (found.outcome) {
    case "sent":
      return { state: "sent", remoteId: found.remoteId };
    case "absent":
      return send({ ...delivery, ambiguous: false });
    case "unknown": {
      const error = "Whether it arrived is not known; the platform could not say.";
      return conclude(delivery, { outcome: "ambiguous", error }, platform, policy, clock);
    }
  }
}

/** What a platform throws, and no answer before the signal is aborted, is ambiguous. */
async function sendOnce(platform: Platform, delivery: TakenDelivery, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await untilAborted(platform.send(delivery, signal), signal);
  } catch (error) {
    return { outcome: "ambiguous", error: errorMessage(error) };
  }
}

async function askOnce(platform: Platform, delivery: TakenDelivery, signal: AbortSignal): Promise<Reconciled> {
  if (platform.reconcile === undefined) return { outcome: "unknown" };
  try {
    return await untilAborted(platform.reconcile(delivery, signal), signal);
  } catch {
    return { outcome: "unknown" };
  }
}

/** Whether a second try does no harm when the first has arrived: it is recognised, or edits the same message. */
function isRepeatable({ remoteId }: TakenDelivery, { idempotent, streaming }: Platform): boolean {
  return idempotent || (remoteId !== null && streaming !== undefined);
}

/** Why a delivery is not tried again; null when it is. */
function refuse(delivery: TakenDelivery, platform: Platform, policy: AttemptPolicy): DeliveryResult | null {
  if (delivery.ambiguous && !isRepeatable(delivery, platform) && platform.reconcile === undefined) {
    return { state: "unknown", error: "The sender disappeared while sending; whether it arrived is not known." };
  }
  if (triesOf(delivery) > policy.maxAttempts) {
    return {
      state: delivery.ambiguous ? "unknown" : "failed",
      error: `All ${policy.maxAttempts} attempts were used up without an answer.`,
    };
  }
  return null;
}

/** How often it was tried since it was added, or last retried by hand. */
function triesOf({ attempt, pardoned }: TakenDelivery): number {
  return attempt - pardoned;
}

/** What becomes of a delivery after one attempt. */
function conclude(
  delivery: TakenDelivery,
  sent: SendOutcome,
  platform: Platform,
  policy: AttemptPolicy,
  clock: Pick<Clock, "now">,
): DeliveryResult {
  const now = clock.now();
  switch (sent.outcome) {
    case "sent":
      return { state: "sent", remoteId: sent.remoteId, ...(sent.restMs === undefined ? {} : { restMs: sent.restMs }) };
    case "later":
      return {
        state: "pending",
        dueAt: now + Math.ceil(Math.min(Math.max(sent.waitMs, 1), LONGEST_REST_MS)),
        error: "It waits: the platform takes only so many messages in a time.",
        ambiguous: delivery.ambiguous,
        counts: false,
      };
    case "gone":
      // What was written there is gone with it, so the whole is posted anew.
      return { state: "pending", dueAt: now, error: sent.error, gone: true, counts: false };
    case "failed":
      return { state: delivery.ambiguous ? "unknown" : "failed", error: sent.error };
    case "ambiguous":
    case "retry": {
      const ambiguous = sent.outcome === "ambiguous" || delivery.ambiguous;
      const mayGoOn = !ambiguous || isRepeatable(delivery, platform) || platform.reconcile !== undefined;
      if (triesOf(delivery) >= policy.maxAttempts || !mayGoOn) {
        return { state: ambiguous ? "unknown" : "failed", error: sent.error };
      }
      const askedMs = sent.outcome === "retry" ? sent.retryAfterMs : null;
      return {
        state: "pending",
        dueAt: now + waitMs(policy.backoff, triesOf(delivery), askedMs),
        error: sent.error,
        ambiguous,
      };
    }
  }
}
