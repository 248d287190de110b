/** Telegram as a platform, at a Bot API on loopback. */
import type { InboundEvent } from "../../src/core/event.ts";
import type { ChatPlatform } from "../../src/platform/platform.ts";
import { createTelegram, type TelegramOptions } from "../../src/platform/telegram.ts";
import { openFakeTelegram, type FakeTelegram, type FakeTelegramUpdate } from "../../src/testing/fake-telegram.ts";

export interface TelegramRig extends AsyncDisposable {
  readonly api: FakeTelegram;
  readonly platform: ChatPlatform;
  /** What was received, in order. */
  readonly received: readonly InboundEvent[];
  readonly faults: readonly unknown[];
  /** Sends updates and resolves when all of them are confirmed. */
  deliver(...updates: readonly FakeTelegramUpdate[]): Promise<void>;
}

export async function setUpTelegram(options: Partial<TelegramOptions> = {}): Promise<TelegramRig> {
  const api = await openFakeTelegram();
  const received: InboundEvent[] = [];
  const faults: unknown[] = [];
  const { receive } = options;
  const platform = await createTelegram({
    token: api.token,
    apiBaseUrl: api.baseUrl,
    onFault: (error) => faults.push(error),
    ...options,
    receive: async (event) => {
      await receive?.(event);
      received.push(event);
    },
  });
  return {
    api,
    platform,
    received,
    faults,
    deliver: async (...updates) => {
      platform.start();
      api.push(...updates);
      await api.until(() => api.unconfirmed() === 0);
    },
    [Symbol.asyncDispose]: async () => {
      await platform.stop();
      await api[Symbol.asyncDispose]();
    },
  };
}
