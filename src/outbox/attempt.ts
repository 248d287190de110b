import { errorMessage } from "../core/errors.ts";
import { type Backoff, waitMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { Platform, SendOutcome } from "../platform/platform.ts";
import type { DeliveryResult, TakenDelivery } from "../store/store.ts";

export interface AttemptPolicy {
  /** How often a delivery is tried before it is given up. */
  readonly maxAttempts: number;
  /** The waits between attempts; a platform that asks for a longer one gets it. */
  readonly backoff: Backoff;
}

/**
 * Hands a delivery to its platform once. Whatever the platform does, this resolves: what it throws, and
 * no answer before the signal is aborted, is ambiguous.
 */
export async function sendOnce(platform: Platform, delivery: TakenDelivery, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await untilAborted(platform.send(delivery, signal), signal);
  } catch (error) {
    return { outcome: "ambiguous", error: errorMessage(error) };
  }
}

/** Why a delivery must not be sent; null when it may. */
export function refuseToSend(
  delivery: TakenDelivery,
  platform: Pick<Platform, "idempotent">,
  policy: AttemptPolicy,
): DeliveryResult | null {
  if (delivery.ambiguous && !platform.idempotent) {
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
export function conclude(
  delivery: TakenDelivery,
  sent: SendOutcome,
  platform: Pick<Platform, "idempotent">,
  policy: AttemptPolicy,
  clock: Pick<Clock, "now">,
): DeliveryResult {
  switch (sent.outcome) {
    case "sent":
      return { state: "sent", remoteId: sent.remoteId };
    case "failed":
      return { state: "failed", error: sent.error };
    case "ambiguous":
    case "retry": {
      const isAmbiguous = sent.outcome === "ambiguous";
      if (triesOf(delivery) >= policy.maxAttempts || (isAmbiguous && !platform.idempotent)) {
        return { state: isAmbiguous ? "unknown" : "failed", error: sent.error };
      }
      const askedMs = sent.outcome === "retry" ? sent.retryAfterMs : null;
      const dueAt = clock.now() + waitMs(policy.backoff, triesOf(delivery), askedMs);
      return { state: "pending", dueAt, error: sent.error };
    }
  }
}
