/**
 * Hands lifecycle events to user code: at least once, in order within a session (the store hands out
 * the oldest of each), in parallel across sessions.
 *
 *     due ──handler returns──▶ done
 *      ▲        ├──throws, or takes too long──▶ due again, later
 *      └────────┤
 *               └──eight attempts used up──▶ dead (kept, visible)
 *
 * A handler that takes too long is not waited for any more, and may still be running when the same
 * event comes again: handlers are told the same event id each time.
 */
import { errorMessage, ParlorError } from "../core/errors.ts";
import type { LifecycleEvent, LifecycleType } from "../core/lifecycle-event.ts";
import { backoffMs, type Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { createLoop } from "../lib/loop.ts";
import { retry } from "../lib/retry.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { StoreReader } from "../store/reader.ts";
import type { EventStore, TakenEvent } from "../store/store.ts";

/** User code for one type of lifecycle event. What it throws, or rejects with, makes the event come again. */
export type HookHandler<T extends LifecycleType = LifecycleType> = (
  event: Extract<LifecycleEvent, { readonly type: T }>,
) => void | Promise<void>;

export type HookHandlers = { readonly [T in LifecycleType]?: HookHandler<T> | undefined };

export interface HooksDeps {
  readonly events: EventStore;
  readonly reader: Pick<StoreReader, "nextDue">;
  readonly handlers: HookHandlers;
  readonly clock: Clock;
  /** An attempt of a handler has ended, and that is stored. */
  readonly onSettled: (hook: SettledHook) => void;
  /** The store could not be reached, and will be asked again. */
  readonly onFault: (error: unknown) => void;
}

export interface SettledHook {
  readonly eventId: number;
  readonly type: LifecycleType;
  readonly outcome: "done" | "retrying" | "dead";
  readonly attempt: number;
  readonly error?: string;
}

export interface Hooks {
  /** From now on events wait for the handlers; without any handler none do. Rejects when the store cannot be reached. */
  start(): Promise<void>;
  /** An event may have been written. */
  wake(): void;
  /** Takes nothing more and waits for the handlers that run; what they leave undone comes again. */
  stop(drain: { readonly drainMs: number }): Promise<void>;
}

const MAX_ATTEMPTS = 8;
const TIMEOUT_MS = 30_000;
/** Longer than a handler may take, so that its event is not handed out while it runs. */
const LEASE_MS = 60_000;
const CONCURRENCY = 16;
const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 300_000 };
const STORE_BACKOFF: Backoff = { firstMs: 50, maxMs: 1_000 };

export function createHooks({ events, reader, handlers, clock, onSettled, onFault }: HooksDeps): Hooks {
  const calls = new Set<Promise<void>>();
  const abandoned = new AbortController();
  let isStopped = false;

  /** What went wrong; null when nothing did. */
  const call = async (event: LifecycleEvent): Promise<string | null> => {
    const handler = handlers[event.type] as HookHandler | undefined;
    const outcome = (async () => await handler?.(event))().then(
      () => null,
      (error: unknown) => errorMessage(error),
    );
    if (await settlesWithin(clock, TIMEOUT_MS, outcome)) return await outcome;
    return `The handler did not finish within ${TIMEOUT_MS / 1_000} s.`;
  };

  const settle = async ({ event, attempt }: TakenEvent, error: string | null): Promise<void> => {
    const outcome = error === null ? "done" : attempt < MAX_ATTEMPTS ? "retrying" : "dead";
    const result = outcome === "retrying" ? { dueAt: clock.now() + backoffMs(BACKOFF, attempt) } : outcome;
    const isRetryable = (thrown: unknown): boolean => thrown instanceof ParlorError && thrown.retryable;
    await retry(() => events.settleEvent(event.id, result), {
      clock,
      backoff: STORE_BACKOFF,
      isRetryable,
      onFault,
      signal: abandoned.signal,
    });
    if (handlers[event.type] === undefined) return;
    onSettled({ eventId: event.id, type: event.type, outcome, attempt, ...(error === null ? {} : { error }) });
  };

  const begin = (taken: TakenEvent): void => {
    const called = call(taken.event)
      .then((error) => settle(taken, error))
      .catch(onFault)
      .finally(() => {
        calls.delete(called);
        loop.wake();
      });
    calls.add(called);
  };

  const takeAll = async (): Promise<void> => {
    while (!isStopped && calls.size < CONCURRENCY) {
      const limit = CONCURRENCY - calls.size;
      const taken = await events.takeEvents({ leaseMs: LEASE_MS, limit });
      for (const event of taken) begin(event);
      if (taken.length < limit) return;
    }
  };

  const loop = createLoop({
    clock,
    step: takeAll,
    nextDue: async () => (calls.size < CONCURRENCY ? (await reader.nextDue()).event : null),
    onFault,
  });

  return {
    start: async () => {
      if (Object.values(handlers).every((handler) => handler === undefined)) return await events.unwatchEvents();
      await events.watchEvents();
      loop.start();
    },
    wake: () => loop.wake(),
    stop: async ({ drainMs }) => {
      isStopped = true;
      await loop.stop();
      await settlesWithin(clock, drainMs, Promise.all(calls));
      abandoned.abort();
    },
  };
}
