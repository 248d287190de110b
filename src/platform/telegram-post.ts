import type { TelegramMessage } from "@chat-adapter/telegram";
import type { Destination } from "../core/delivery.ts";
import type { TelegramBot } from "./telegram-adapter.ts";
import { TelegramRefusal } from "./telegram-fault.ts";

/** How long one call may take, in milliseconds. */
const TIMEOUT_MS = 15_000;

/**
 * Posts a text of at most 4,096 characters as one message and returns its id. It is posted as Markdown;
 * where Telegram refuses that, the text goes out as it was written. A group that has become a supergroup is followed.
 *
 * @param render - The text as MarkdownV2; null when that would leave something out.
 */
export async function postToTelegram(
  bot: Pick<TelegramBot, "call">,
  render: (text: string) => string | null,
  destination: Destination,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  const markdown = render(text);
  const isRendered = markdown !== null;
  const form = isRendered ? { text: markdown, parse_mode: "MarkdownV2" } : { text };
  try {
    return await send(bot, destination, form, signal);
  } catch (error) {
    // A refusal of the request itself: surely nothing was sent.
    if (!(error instanceof TelegramRefusal) || error.status !== 400) throw error;
    const { movedTo } = error;
    if (movedTo !== null && movedTo !== destination.chat) {
      return postToTelegram(bot, render, { ...destination, chat: movedTo }, text, signal);
    }
    if (!isRendered) throw error;
  }
  return send(bot, destination, { text }, signal);
}

/** Shows for five seconds that something is being written. */
export async function showTypingOnTelegram(bot: Pick<TelegramBot, "call">, destination: Destination): Promise<void> {
  await bot.call("sendChatAction", { ...target(destination), action: "typing" }, AbortSignal.timeout(TIMEOUT_MS));
}

async function send(
  bot: Pick<TelegramBot, "call">,
  destination: Destination,
  content: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const message = await bot.call<TelegramMessage>("sendMessage", { ...target(destination), ...content }, within);
  return String(message.message_id);
}

function target({ chat, thread }: Destination): Readonly<Record<string, string | number>> {
  return { chat_id: chat, ...(thread === null ? {} : { message_thread_id: Number(thread) }) };
}
