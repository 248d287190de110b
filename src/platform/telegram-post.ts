import type { TelegramMessage } from "@chat-adapter/telegram";
import type { Destination } from "../core/delivery.ts";
import type { TelegramBot } from "./telegram-adapter.ts";
import { TelegramRefusal, isUnchanged } from "./telegram-fault.ts";

/** How long one call may take, in milliseconds. */
const TIMEOUT_MS = 15_000;

type Bot = Pick<TelegramBot, "call">;
type Parameters = Readonly<Record<string, string | number>>;

/** A text as MarkdownV2; null when that would leave something out. */
export type TelegramRender = (text: string) => string | null;

/** Posts a text of at most 4,096 characters as one message and returns its id. */
export function postToTelegram(
  bot: Bot,
  render: TelegramRender,
  destination: Destination,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  return inEitherForm(render, text, async (form) => {
    const parameters = { ...target(destination), ...form };
    const { message_id: id } = await call<TelegramMessage>(bot, "sendMessage", parameters, signal);
    return String(id);
  });
}

/** The same, and a group that has become a supergroup is followed. */
export async function postWhereverItIs(
  bot: Bot,
  render: TelegramRender,
  destination: Destination,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await postToTelegram(bot, render, destination, text, signal);
  } catch (error) {
    const movedTo = error instanceof TelegramRefusal ? error.movedTo : null;
    if (movedTo === null || movedTo === destination.chat) throw error;
    return postToTelegram(bot, render, { ...destination, chat: movedTo }, text, signal);
  }
}

/** Puts another text in place of a message's. One that has it already is left as it is. */
export async function editOnTelegram(
  bot: Bot,
  render: TelegramRender,
  { chat }: Destination,
  { id, text }: { readonly id: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await inEitherForm(render, text, (form) =>
      call(bot, "editMessageText", { chat_id: chat, message_id: Number(id), ...form }, signal),
    );
  } catch (error) {
    if (!isUnchanged(error)) throw error;
  }
}

/** Shows for five seconds that something is being written. */
export async function showTypingOnTelegram(bot: Bot, destination: Destination): Promise<void> {
  await bot.call("sendChatAction", { ...target(destination), action: "typing" }, AbortSignal.timeout(TIMEOUT_MS));
}

/** As Markdown; where Telegram refuses that, as it was written. */
async function inEitherForm<T>(
  render: TelegramRender,
  text: string,
  run: (form: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const markdown = render(text);
  if (markdown === null) return run({ text });
  try {
    return await run({ text: markdown, parse_mode: "MarkdownV2" });
  } catch (error) {
    // A refusal of the form: surely nothing was done.
    const isForm =
      error instanceof TelegramRefusal && error.status === 400 && error.movedTo === null && !isUnchanged(error);
    if (!isForm) throw error;
    return run({ text });
  }
}

function call<T>(bot: Bot, method: string, parameters: Parameters, signal: AbortSignal): Promise<T> {
  return bot.call<T>(method, parameters, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
}

function target({ chat, thread }: Destination): Parameters {
  return { chat_id: chat, ...(thread === null ? {} : { message_thread_id: Number(thread) }) };
}
