/**
 * Asks Telegram for updates and confirms them once they were received.
 *
 *     created ──start──▶ finding out who the bot is ──▶ asking ⇄ receiving ──stop──▶ stopped
 *
 * Invariants: the offset that confirms an update is sent only after everything in it, and in all before
 * it, was received or can never be; a crash, a stop and a store that fails leave it unconfirmed, so that
 * Telegram sends it again. Updates of one chat are received in their order. The SDK's own loop would not
 * do: it confirms what was refused, and keeps it in memory.
 */
import type { TelegramUpdate } from "@chat-adapter/telegram";
import { errorMessage, ParlorError } from "../core/errors.ts";
import { backoffMs, waitMs, type Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { sleep } from "../lib/sleep.ts";
import type { TelegramBot } from "./telegram-adapter.ts";
import { TelegramRefusal, telegramAdvice } from "./telegram-fault.ts";

export interface PollingOptions {
  readonly bot: TelegramBot;
  /** Whether the bot was identified before; otherwise that comes first. */
  readonly isIdentified: () => boolean;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

export interface Polling {
  start(): void;
  /** Resolves when what is being received has been, or was given up unconfirmed. `ousted`: nothing is confirmed any more. */
  stop(why?: "stopped" | "ousted"): Promise<void>;
}

/** How long Telegram holds a question that nothing answers, in seconds. */
const HOLD_S = 30;
/** How much longer an answer may take, in milliseconds: after that the connection is taken for dead. */
const GRACE_MS = 10_000;
/** How long the last confirmation may take, in milliseconds. */
const FAREWELL_MS = 2_000;
/** How often an update is tried whose failure says nothing about coming again. */
const MAX_ATTEMPTS = 10;
const CALL_BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000 };
const RECEIVE_BACKOFF: Backoff = { firstMs: 100, maxMs: 5_000 };
/** What is asked for; Telegram would otherwise keep to what an earlier program wanted. */
const ALLOWED = [
  "message",
  "edited_message",
  "channel_post",
  "edited_channel_post",
  "callback_query",
  "message_reaction",
];

export function createPolling({ bot, isIdentified, clock, onFault }: PollingOptions): Polling {
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  let confirmed = 0;

  /** Calls until it succeeds or polling is stopped; then it throws. */
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      stopped.signal.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        stopped.signal.throwIfAborted();
        onFault(pollingFault(error));
        const asked = error instanceof TelegramRefusal ? error.retryAfterMs : null;
        await sleep(clock, waitMs(CALL_BACKOFF, attempt, asked), stopped.signal);
      }
    }
  };
  const within = (ms: number): AbortSignal => AbortSignal.any([stopped.signal, AbortSignal.timeout(ms)]);

  const poll = async (): Promise<void> => {
    if (!isIdentified()) await insist(() => bot.identify(within(GRACE_MS)));
    // Where a webhook is set, Telegram answers no question. What waits for it is kept.
    await insist(() => bot.call("deleteWebhook", { drop_pending_updates: false }, within(GRACE_MS)));
    for (;;) {
      const updates = await insist(ask);
      await receiveAll(updates);
      // Not compared with what was confirmed before: after a week without any, Telegram counts anew.
      if (updates.length > 0) confirmed = Math.max(...updates.map(({ update_id: id }) => id)) + 1;
    }
  };

  const ask = async (): Promise<readonly TelegramUpdate[]> => {
    const parameters = { offset: confirmed, timeout: HOLD_S, allowed_updates: ALLOWED };
    const answer = await bot.call<unknown>("getUpdates", parameters, within(HOLD_S * 1_000 + GRACE_MS));
    if (Array.isArray(answer) && answer.every(hasNumber)) return answer;
    throw new TelegramRefusal(200, "not a list of updates", null);
  };

  /** Resolves when every update was received, or can never be. */
  const receiveAll = async (updates: readonly TelegramUpdate[]): Promise<void> => {
    let left = updates;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      stopped.signal.throwIfAborted();
      // All at once and in their order: each chat has a lane of its own.
      const settled = await Promise.allSettled(left.map((update) => bot.dispatch(update)));
      const failed = left.flatMap((update, index) => {
        const result = settled[index];
        return result?.status === "rejected" ? [{ update, error: result.reason as unknown }] : [];
      });
      left = failed.filter(({ error }) => isWorthAnother(error, attempt)).map(({ update }) => update);
      for (const { update, error } of failed) {
        if (!left.includes(update)) onFault(givenUp(update, error));
      }
      const [first] = failed;
      if (left.length === 0 || first === undefined) return;
      onFault(first.error);
      await sleep(clock, backoffMs(RECEIVE_BACKOFF, attempt), stopped.signal);
    }
  };

  /** Confirms what was received last, so that the next start is not told of it again; nothing depends on it. */
  const sayFarewell = async (): Promise<void> => {
    if (confirmed === 0) return;
    const parameters = { offset: confirmed, timeout: 0, limit: 1, allowed_updates: ALLOWED };
    await bot.call("getUpdates", parameters, AbortSignal.timeout(FAREWELL_MS)).catch(() => {});
  };

  return {
    start: () => {
      if (stopped.signal.aborted) return;
      running ??= poll().catch((error: unknown) => {
        if (!stopped.signal.aborted) onFault(error);
      });
    },
    stop: async (why = "stopped") => {
      if (stopped.signal.aborted) return running ?? undefined;
      stopped.abort();
      await running;
      if (why === "stopped") await sayFarewell();
    },
  };
}

/** Without a number an update cannot be confirmed. */
function hasNumber(update: unknown): update is TelegramUpdate {
  return typeof update === "object" && update !== null && "update_id" in update && Number.isInteger(update.update_id);
}

/** What is the store's fault, or says of itself that it passes, is tried for as long as it takes; what cannot be understood only once. */
function isWorthAnother(error: unknown, attempt: number): boolean {
  if (error instanceof ParlorError) return error.retryable || error.code === "STORE_UNAVAILABLE";
  return attempt < MAX_ATTEMPTS;
}

function givenUp({ update_id: id }: TelegramUpdate, error: unknown): ParlorError {
  return new ParlorError("INVALID_INPUT", `The Telegram update ${id} was given up: ${errorMessage(error)}`, {
    cause: error,
  });
}

function pollingFault(error: unknown): ParlorError {
  return new ParlorError("PLATFORM_UNAVAILABLE", `${telegramAdvice(error)} It is tried again.`, { retryable: true });
}
