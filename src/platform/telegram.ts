import type { InboundEvent } from "../core/event.ts";
import { ParlorError } from "../core/errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { createRecent } from "../lib/recent.ts";
import { createChat } from "./chat-sdk.ts";
import type { ChatPlatform } from "./platform.ts";
import { asAdapter, createTelegramAdapter, type TelegramBot, type TelegramPackages } from "./telegram-adapter.ts";
import { readTelegram } from "./telegram-event.ts";
import { isUnauthorized, telegramAdvice } from "./telegram-fault.ts";
import { fetchTelegramFile } from "./telegram-file.ts";
import { createTelegramMarkdown } from "./telegram-markdown.ts";
import { type Polling, createPolling } from "./telegram-polling.ts";
import { showTypingOnTelegram } from "./telegram-post.ts";
import { createTelegramReplies } from "./telegram-replies.ts";

export interface TelegramOptions {
  /** The token that @BotFather gives: the id of the bot, a colon, and a secret. */
  readonly token: string;
  /** Where the Bot API is, without a slash at the end. */
  readonly apiBaseUrl: string;
  /** Resolves when the event is stored, or counted when it is none that is stored. What it rejects comes again. */
  readonly receive: (event: InboundEvent) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: the two packages that are installed beside Parlor. */
  readonly load?: () => Promise<TelegramPackages>;
}

/** The longest text of a message, in UTF-16 units. */
const MAX_LENGTH = 4_096;
/** How long the question who the bot is may hold up a start, in milliseconds. */
const FIRST_LOOK_MS = 5_000;
/** How long something that need not arrive may take, in milliseconds. */
const SAY_MS = 10_000;
/** How many albums are remembered: their pictures follow one another closely. */
const ALBUMS = 200;

/**
 * A bot on Telegram that asks for its messages, so that it needs no public address. A token that Telegram
 * does not know fails the start; a network that is not there does not: then it is tried until it is.
 *
 * @throws ParlorError `START_FAILED` for a token that Telegram does not know, or packages that are not installed.
 */
export async function createTelegram(options: TelegramOptions): Promise<ChatPlatform> {
  const { token, apiBaseUrl, receive, onFault, clock = systemClock, load = loadPackages } = options;
  const packages = await load().catch(explainMissing);
  const account = token.slice(0, token.indexOf(":"));
  const adapter = createTelegramAdapter(packages, { token, apiBaseUrl });
  const reading = {
    account,
    username: () => adapter.userName,
    parse: (raw: Parameters<typeof adapter.parseMessage>[0]) => adapter.parseMessage(raw),
    albums: createRecent<true>(ALBUMS),
  };
  const chat = createChat(packages.chat, {
    adapter: asAdapter(adapter),
    read: (happening) => readTelegram(happening, reading),
    receive,
  });
  await chat.initialize();
  const replies = createTelegramReplies({ bot: adapter, render: createTelegramMarkdown(packages), account, clock });
  const isIdentified = await lookWhoItIs(adapter, onFault);
  let polling: Polling | null = null;

  return {
    name: "telegram",
    label: isIdentified ? `telegram @${adapter.userName}` : "telegram (not reached yet)",
    idempotent: false,
    maxLength: MAX_LENGTH,
    delivers: (destination) => destination.platform === "telegram" && destination.account === account,
    send: replies.send,
    streaming: replies.streaming,
    lease: `telegram:${account}`,
    start: () => {
      polling ??= createPolling({ bot: adapter, isIdentified: () => isIdentified, clock, onFault });
      polling.start();
    },
    stop: async (why) => {
      const ended = polling;
      polling = null;
      await ended?.stop(why);
    },
    say: async (destination, text) => {
      try {
        await replies.say(destination, text, AbortSignal.timeout(SAY_MS));
      } catch (error) {
        throw new ParlorError("PLATFORM_UNAVAILABLE", telegramAdvice(error), { retryable: true });
      }
    },
    showTyping: (destination) => showTypingOnTelegram(adapter, destination).catch(() => {}),
    fetchFile: (url, limits) => fetchTelegramFile(url, { bot: adapter, token, apiBaseUrl, ...limits }),
  };
}

async function lookWhoItIs(bot: Pick<TelegramBot, "identify">, onFault: (error: unknown) => void): Promise<boolean> {
  try {
    await bot.identify(AbortSignal.timeout(FIRST_LOOK_MS));
    return true;
  } catch (error) {
    if (isUnauthorized(error)) throw new ParlorError("START_FAILED", telegramAdvice(error));
    const advice = `${telegramAdvice(error)} It is tried again.`;
    onFault(new ParlorError("PLATFORM_UNAVAILABLE", advice, { retryable: true }));
    return false;
  }
}

function explainMissing(error: unknown): never {
  if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
  throw new ParlorError(
    "START_FAILED",
    "TELEGRAM_BOT_TOKEN is set, but the packages that speak to Telegram are not installed; run: " +
      "npm install chat@4.41.1 @chat-adapter/telegram@4.41.1",
    { cause: error },
  );
}

async function loadPackages(): Promise<TelegramPackages> {
  const [chat, telegram] = await Promise.all([import("chat"), import("@chat-adapter/telegram")]);
  return { chat, telegram };
}
