/**
 * How much Telegram takes. Its FAQ for bots ("My bot is hitting limits, how do I avoid this?") says: in one chat
 * no more than one message a second, in a group no more than 20 a minute, and about 30 a second over all
 * chats. It does not speak of edits; they are counted as messages here.
 *
 * Kept in memory for the chats that were written to last: after a restart a chat is a rested one, beside what
 * the store keeps. What can be left out (a reply that grows) leaves room for what has to arrive.
 */
import type { Destination } from "../core/delivery.ts";
import type { Clock } from "../lib/clock.ts";
import { createRecent } from "../lib/recent.ts";

export interface TelegramPace {
  /** 0: a message may go to the chat, and is counted. Otherwise how long it has to wait, in milliseconds. */
  take(destination: Destination): number;
  /** The same for a message that can be left out. */
  takeSpare(destination: Destination): number;
  /** Counts a message that did not ask. */
  count(destination: Destination): void;
  /** How long the chat has to rest before its next message, in milliseconds. */
  restMs(destination: Destination): number;
  /** Telegram itself asked for a rest. */
  hold(destination: Destination, restMs: number): void;
}

interface Chat {
  /** When the last minute's messages were sent, oldest first; on the monotonic clock. */
  readonly sent: readonly number[];
  readonly heldUntil: number;
}

interface Share {
  readonly perMinute: number;
  readonly burst: number;
}

const MINUTE_MS = 60_000;
const CHAT_MS = 1_000;
const GROUP_PER_MINUTE = 20;
/** A thirtieth of a second, rounded up. */
const BOT_MS = 34;
/** `burst`: how many may go out at once before the bot's own limit counts. */
const WHOLE: Share = { perMinute: GROUP_PER_MINUTE, burst: 30 };
/** What can be left out has this much of a group's 20, and of a bot's 30. */
const SPARE: Share = { perMinute: 15, burst: 20 };
const MOST_CHATS = 10_000;
const LONGEST_HOLD_MS = 3_600_000;

export function createTelegramPace(clock: Pick<Clock, "monotonic">): TelegramPace {
  const chats = createRecent<Chat>(MOST_CHATS);
  /** When the messages so far would have been sent, each in its slot. */
  let spentUntil = -Infinity;
  /** The slots given to those who were told to wait, of each share apart, so that they do not all come back at once. */
  const promisedUntil = new Map<Share, number>();

  const look = ({ chat }: Destination, now: number): Chat => {
    const { sent, heldUntil } = chats.get(chat) ?? { sent: [], heldUntil: -Infinity };
    return { sent: sent.filter((at) => at > now - MINUTE_MS), heldUntil };
  };

  const chatWaitMs = (destination: Destination, now: number, perMinute: number): number => {
    const { sent, heldUntil } = look(destination, now);
    const second = (sent.at(-1) ?? -Infinity) + CHAT_MS;
    const oldest = destination.chatType === "dm" ? undefined : sent.at(-perMinute);
    return Math.max(0, heldUntil - now, second - now, oldest === undefined ? 0 : oldest + MINUTE_MS - now);
  };

  const count = (destination: Destination, now: number): void => {
    const { sent, heldUntil } = look(destination, now);
    chats.set(destination.chat, { sent: [...sent, now].slice(-GROUP_PER_MINUTE), heldUntil });
    spentUntil = Math.max(spentUntil, now) + BOT_MS;
  };

  const take = (destination: Destination, share: Share): number => {
    const now = clock.monotonic();
    const waitMs = chatWaitMs(destination, now, share.perMinute);
    if (waitMs > 0) return waitMs;
    const botMs = spentUntil - now - (share.burst - 1) * BOT_MS;
    if (botMs <= 0) {
      count(destination, now);
      return 0;
    }
    const until = Math.max(promisedUntil.get(share) ?? -Infinity, now + botMs) + BOT_MS;
    promisedUntil.set(share, until);
    return Math.min(until - now, MINUTE_MS);
  };

  return {
    take: (destination) => take(destination, WHOLE),
    takeSpare: (destination) => take(destination, SPARE),
    count: (destination) => count(destination, clock.monotonic()),
    restMs: (destination) => Math.ceil(chatWaitMs(destination, clock.monotonic(), GROUP_PER_MINUTE)),
    hold: (destination, restMs) => {
      const now = clock.monotonic();
      const { sent, heldUntil } = look(destination, now);
      const until = now + Math.min(restMs, LONGEST_HOLD_MS);
      chats.set(destination.chat, { sent, heldUntil: Math.max(heldUntil, until) });
    },
  };
}
