/**
 * Sends what the store holds for delivery until each platform has it.
 *
 * Invariants: of one destination only the oldest delivery is on its way (the store sees to it), so order
 * holds and a slow destination keeps at most one sender busy; each account has senders of its own, so that one
 * whose destinations are all slow holds up no other; a send ends before its lease does; what may have arrived is repeated only where that is no second message (the far side knows
 * it again, or it edits one), or after the platform was asked and does not have it.
 *
 *     created ──start──▶ taking ──stop──▶ draining ──▶ stopped
 */
import type { DeliveryAccount } from "../core/delivery.ts";
import { ParlorError } from "../core/errors.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { createLoop } from "../lib/loop.ts";
import { retry } from "../lib/retry.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { Platform } from "../platform/platform.ts";
import type { DeliveryResult, DeliveryStore, Store, TakenDelivery } from "../store/store.ts";
import type { DeliveryFacts, Telemetry } from "../telemetry/telemetry.ts";
import { type AttemptPolicy, tryOnce } from "./attempt.ts";

export interface OutboxOptions extends AttemptPolicy {
  /** How long a taken delivery belongs to this node, in milliseconds. A send is aborted after three quarters of it. */
  readonly leaseMs: number;
  /** How many deliveries of one account (a bot, a webhook) are on their way at once. */
  readonly concurrency: number;
}

export interface OutboxDeps {
  readonly store: Pick<Store, keyof DeliveryStore | "reader">;
  readonly platforms: readonly Platform[];
  readonly telemetry: Pick<Telemetry, "withinDelivery" | "deliverySettled" | "faulted">;
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
  /** Takes nothing more, waits for what is on its way, then aborts it; the ids of those that may have arrived. */
  stop(drain: { readonly drainMs: number }): Promise<readonly string[]>;
}

const STORE_BACKOFF: Backoff = { firstMs: 50, maxMs: 1_000 };
/** How long a store may take to write down what was aborted, in milliseconds. */
const HAND_BACK_MS = 2_000;

export function createOutbox({ store, platforms, telemetry, clock, node, options }: OutboxDeps): Outbox {
  const byName = new Map(platforms.map((platform) => [platform.name, platform]));
  /** What is on its way, with what sends it. */
  const sending = new Map<Promise<void>, DeliveryAccount>();
  /** Of those on their way, which nobody knows the end of; at the end of a drain, of which nobody will. */
  const doubtful = new Set<string>();
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
    using limit = limitTo(options.leaseMs * 0.75, sendStop.signal);
    return await tryOnce(delivery, platform, options, clock, limit.signal);
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
    if (!isStopped || outcome === "lost" || !isDoubtful(result)) doubtful.delete(delivery.id);
    if (isRest(result) && outcome !== "lost") return;
    telemetry.deliverySettled({
      ...factsOf(delivery),
      state: outcome === "lost" ? outcome : result.state,
      ageMs: clock.now() - delivery.createdAt,
      ...(result.state === "sent" ? {} : { error: result.error }),
    });
  };

  const begin = (delivery: TakenDelivery): void => {
    doubtful.add(delivery.id);
    const sent = telemetry
      .withinDelivery(factsOf(delivery), async () => settle(delivery, await attempt(delivery)))
      .catch(onFault)
      .finally(() => {
        sending.delete(sent);
        if (!isStopped) doubtful.delete(delivery.id);
        loop.wake();
      });
    sending.set(sent, delivery.destination);
  };

  /** The accounts with no sender left, and how many each of the others has at least. */
  const senders = (): { readonly besides: readonly DeliveryAccount[]; readonly limit: number } => {
    const accounts = Map.groupBy(sending.values(), ({ platform, account }) => JSON.stringify([platform, account]));
    const busy = [...accounts.values()].filter(({ length }) => length >= options.concurrency);
    const others = [...accounts.values()].filter(({ length }) => length < options.concurrency);
    return {
      besides: busy.flatMap(([first]) => first ?? []),
      limit: options.concurrency - Math.max(0, ...others.map(({ length }) => length)),
    };
  };

  const takeAll = async (): Promise<void> => {
    while (!isStopped) {
      const { besides, limit } = senders();
      const taken = await store.takeDeliveries({ node, leaseMs: options.leaseMs, limit, besides });
      for (const delivery of taken) begin(delivery);
      if (taken.length < limit) return;
    }
  };

  const loop = createLoop({
    clock,
    step: takeAll,
    nextDue: async () => (await store.reader.nextDue(senders().besides)).delivery,
    onFault,
  });

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    stop: async ({ drainMs }) => {
      isStopped = true;
      await loop.stop();
      if (!(await settlesWithin(clock, drainMs, Promise.all(sending.keys())))) {
        sendStop.abort(new Error("the gateway was shutting down"));
        await settlesWithin(clock, HAND_BACK_MS, Promise.all(sending.keys()));
        writeStop.abort(new Error("the gateway was shutting down"));
      }
      return [...doubtful];
    },
  };
}

/** Whether nothing was tried: the destination only rests. */
function isRest(result: DeliveryResult): boolean {
  return result.state === "pending" && result.counts === false && result.gone !== true;
}

/** Whether it may have arrived. */
function isDoubtful(result: DeliveryResult): boolean {
  return result.state === "unknown" || (result.state === "pending" && result.ambiguous === true);
}

function factsOf({ id, sessionId, turnId, destination, attempt }: TakenDelivery): DeliveryFacts {
  return { deliveryId: id, sessionId, turnId, platform: destination.platform, attempt };
}
