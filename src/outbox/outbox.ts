/**
 * Sends what the store holds for delivery until each platform has it.
 *
 * Invariants: of one destination only the oldest delivery is on its way (the store sees to it), so order
 * holds and a slow destination keeps at most one of the `concurrency` senders busy; a send ends before
 * its lease does; what may have arrived is repeated only where the far side recognises a repetition.
 *
 *     created ──start──▶ taking ──stop──▶ draining ──▶ stopped
 */
import { ParlorError } from "../core/errors.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { createLoop } from "../lib/loop.ts";
import { retry } from "../lib/retry.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { Platform } from "../platform/platform.ts";
import type { DeliveryResult, DeliveryStore, Store, TakenDelivery } from "../store/store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { conclude, refuseToSend, sendOnce, type AttemptPolicy } from "./attempt.ts";

export interface OutboxOptions extends AttemptPolicy {
  /** How long a taken delivery belongs to this node, in milliseconds. A send is aborted after three quarters of it. */
  readonly leaseMs: number;
  /** How many deliveries are on their way at once. */
  readonly concurrency: number;
}

export interface OutboxDeps {
  readonly store: Pick<Store, keyof DeliveryStore | "reader">;
  readonly platforms: readonly Platform[];
  readonly telemetry: Pick<Telemetry, "deliverySettled" | "faulted">;
  readonly clock: Clock;
  /** The name this node's leases carry. */
  readonly node: string;
  readonly options: OutboxOptions;
}

export interface Outbox {
  /** Begins to take deliveries; what an earlier process has left behind is taken up first. */
  start(): void;
  /** A delivery may wait. */
  wake(): void;
  /** Takes nothing more, waits for what is on its way, then aborts it. */
  stop(drain: { readonly drainMs: number }): Promise<void>;
}

const STORE_BACKOFF: Backoff = { firstMs: 50, maxMs: 1_000 };
/** How long a store may take to write down what was aborted, in milliseconds. */
const HAND_BACK_MS = 2_000;

export function createOutbox({ store, platforms, telemetry, clock, node, options }: OutboxDeps): Outbox {
  const byName = new Map(platforms.map((platform) => [platform.name, platform]));
  const sending = new Set<Promise<void>>();
  /** Aborted when no send may go on. */
  const sendStop = new AbortController();
  /** Aborted when nothing may be written any more. */
  const writeStop = new AbortController();
  let isStopped = false;
  const onFault = (error: unknown): void => telemetry.faulted({ where: "outbox", error });

  /** A signal that is aborted with `stop`, or after a time; dispose it to let go of its timer. */
  const limitTo = (timeoutMs: number, stop: AbortSignal): Disposable & { readonly signal: AbortSignal } => {
    const limit = new AbortController();
    const expire = (): void => limit.abort(new Error(`no answer within ${Math.round(timeoutMs / 1_000)} s`));
    const cancel = clock.timer(timeoutMs, expire);
    return { signal: AbortSignal.any([limit.signal, stop]), [Symbol.dispose]: cancel };
  };

  const attempt = async (delivery: TakenDelivery): Promise<DeliveryResult> => {
    const { platform: name } = delivery.destination;
    const platform = byName.get(name);
    if (platform === undefined) {
      return {
        state: "failed",
        error: `No platform named "${name}" is configured. Turn it on to deliver its replies.`,
      };
    }
    const refusal = refuseToSend(delivery, platform, options);
    if (refusal !== null) return refusal;
    using limit = limitTo(options.leaseMs * 0.75, sendStop.signal);
    const sent = await sendOnce(platform, delivery, limit.signal);
    return conclude(delivery, sent, platform, options, clock);
  };

  /** Writes down what came of an attempt. When the store cannot, the delivery comes back as ambiguous. */
  const settle = async (delivery: TakenDelivery, result: DeliveryResult): Promise<void> => {
    using limit = limitTo(options.leaseMs * 0.25, writeStop.signal);
    const isRetryable = (error: unknown): boolean => error instanceof ParlorError && error.retryable;
    const outcome = await retry(() => store.settleDelivery(delivery, result), {
      clock,
      backoff: STORE_BACKOFF,
      isRetryable,
      onFault,
      signal: limit.signal,
    });
    if (outcome === "lost") return;
    telemetry.deliverySettled({
      deliveryId: delivery.id,
      platform: delivery.destination.platform,
      state: result.state,
      attempt: delivery.attempt,
      ...(result.state === "sent" ? {} : { error: result.error }),
    });
  };

  const begin = (delivery: TakenDelivery): void => {
    const sent = attempt(delivery)
      .then((result) => settle(delivery, result))
      .catch(onFault)
      .finally(() => {
        sending.delete(sent);
        loop.wake();
      });
    sending.add(sent);
  };

  const takeAll = async (): Promise<void> => {
    while (!isStopped && sending.size < options.concurrency) {
      const limit = options.concurrency - sending.size;
      const taken = await store.takeDeliveries({ node, leaseMs: options.leaseMs, limit });
      for (const delivery of taken) begin(delivery);
      if (taken.length < limit) return;
    }
  };

  const loop = createLoop({
    clock,
    step: takeAll,
    nextDue: async () => (sending.size < options.concurrency ? (await store.reader.nextDue()).delivery : null),
    onFault,
  });

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    stop: async ({ drainMs }) => {
      isStopped = true;
      await loop.stop();
      if (await settlesWithin(clock, drainMs, Promise.all(sending))) return;
      sendStop.abort(new Error("the gateway was shutting down"));
      await settlesWithin(clock, HAND_BACK_MS, Promise.all(sending));
      writeStop.abort(new Error("the gateway was shutting down"));
    },
  };
}
