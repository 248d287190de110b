/**
 * Replies on Telegram: posted, and edited while they are written.
 *
 * Invariants: of one message one change is on its way; what has to arrive waits, in the store, for a change
 * that is on its way, for the pace, and for the rest that Telegram asks for; what can be left out does not. A
 * change that soon follows one without an answer is made once more: what was late cannot stay.
 */
import type { Destination } from "../core/delivery.ts";
import type { Clock } from "../lib/clock.ts";
import { createRecent } from "../lib/recent.ts";
import type { Platform, SendOutcome, Streaming } from "./platform.ts";
import type { TelegramBot } from "./telegram-adapter.ts";
import { readEditFault, readSendFault } from "./telegram-fault.ts";
import { createTelegramPace } from "./telegram-pace.ts";
import { type TelegramRender, editOnTelegram, postToTelegram, postWhereverItIs } from "./telegram-post.ts";

export interface TelegramReplies extends Pick<Platform, "send"> {
  readonly streaming: Streaming;
  /** One attempt at something that need not arrive, which does not wait for the pace. */
  say(destination: Destination, text: string, signal: AbortSignal): Promise<void>;
}

/** Between changes of a message that grows, in milliseconds: of a group's 20 messages a minute it leaves some. */
const DIRECT_INTERVAL_MS = 1_500;
const GROUP_INTERVAL_MS = 3_000;
/** When it is looked again whether a change is still on its way, in milliseconds. */
const BUSY_MS = 250;
/** How long after it was left without an answer a change may still be made, in milliseconds. */
const LATE_MS = 5_000;
const MOST_UNANSWERED = 1_000;

export function createTelegramReplies(deps: {
  readonly bot: Pick<TelegramBot, "call">;
  readonly render: TelegramRender;
  /** The id of the bot. */
  readonly account: string;
  readonly clock: Pick<Clock, "monotonic">;
}): TelegramReplies {
  const { bot, render, account, clock } = deps;
  const pace = createTelegramPace(clock);
  /** The messages that are being changed. */
  const changing = new Set<string>();
  /** Until when, on the monotonic clock, a change may still be made that was left without an answer, by message. */
  const lateUntil = createRecent<number>(MOST_UNANSWERED);

  /** `run` returns the id of the message. */
  const attempt = async (
    destination: Destination,
    readFault: (error: unknown) => SendOutcome,
    run: () => Promise<string>,
  ): Promise<SendOutcome> => {
    try {
      const remoteId = await run();
      return { outcome: "sent", remoteId, restMs: pace.restMs(destination) };
    } catch (error) {
      const fault = readFault(error);
      if (fault.outcome === "retry" && fault.retryAfterMs !== undefined) pace.hold(destination, fault.retryAfterMs);
      return fault;
    }
  };

  const edit = async (
    destination: Destination,
    id: string,
    text: string,
    signal: AbortSignal,
    take: (destination: Destination) => number,
  ): Promise<SendOutcome> => {
    const message = JSON.stringify([destination.chat, id]);
    const waitMs = changing.has(message) ? BUSY_MS : take(destination);
    if (waitMs > 0) return { outcome: "later", waitMs };
    changing.add(message);
    try {
      const edited = await attempt(destination, readEditFault, async () => {
        await editOnTelegram(bot, render, destination, { id, text }, signal);
        return id;
      });
      const now = clock.monotonic();
      if (edited.outcome === "ambiguous") lateUntil.set(message, now + LATE_MS);
      const lateMs = (lateUntil.get(message) ?? now) - now;
      return edited.outcome === "sent" && lateMs > 0 ? { outcome: "later", waitMs: lateMs } : edited;
    } finally {
      changing.delete(message);
    }
  };

  return {
    send: async ({ destination, remoteId, text }, signal) => {
      if (destination.account !== account) {
        const error = `The reply belongs to the bot ${destination.account}; TELEGRAM_BOT_TOKEN is that of another one.`;
        return { outcome: "failed", error };
      }
      if (remoteId !== null) return edit(destination, remoteId, text, signal, pace.take);
      const waitMs = pace.take(destination);
      if (waitMs > 0) return { outcome: "later", waitMs };
      return attempt(destination, readSendFault, () => postWhereverItIs(bot, render, destination, text, signal));
    },
    streaming: {
      intervalMs: ({ chatType }) => (chatType === "dm" ? DIRECT_INTERVAL_MS : GROUP_INTERVAL_MS),
      post: async (destination, text, signal) => {
        const waitMs = pace.takeSpare(destination);
        if (waitMs > 0) return { outcome: "later", waitMs };
        // A group that has moved is not followed: the message's id would be one of another chat.
        return attempt(destination, readSendFault, () => postToTelegram(bot, render, destination, text, signal));
      },
      edit: (destination, remoteId, text, signal) => edit(destination, remoteId, text, signal, pace.takeSpare),
    },
    say: async (destination, text, signal) => {
      pace.count(destination);
      await postWhereverItIs(bot, render, destination, text, signal);
    },
  };
}
