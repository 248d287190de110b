/** What Telegram says, in Parlor's words. */
import type {
  TelegramCallbackQuery,
  TelegramChat,
  TelegramMessage,
  TelegramMessageReactionUpdated,
  TelegramUser,
} from "@chat-adapter/telegram";
import type { Message } from "chat";
import type { InboundEvent, SignalName } from "../core/event.ts";
import type { Attachment } from "../core/message.ts";
import { createSource, type Source } from "../core/source.ts";
import type { Recent } from "../lib/recent.ts";
import type { Happening } from "./chat-sdk.ts";
import { telegramText } from "./telegram-text.ts";

export interface TelegramReading {
  /** `Source.account`: the id of the bot. */
  readonly account: string;
  /** The bot's name without `@`. */
  readonly username: () => string;
  readonly parse: (raw: TelegramMessage) => Message;
  /** Albums of which a picture was said to the bot: then all of it was. */
  readonly albums: Recent<true>;
}

/** Service messages, which Telegram sends in the place of messages, by the field that they have. */
const SERVICE: readonly (readonly [field: string, name: SignalName])[] = [
  ["new_chat_members", "join"],
  ["group_chat_created", "join"],
  ["supergroup_chat_created", "join"],
  ["channel_chat_created", "join"],
  ["left_chat_member", "leave"],
];

export function readTelegram(happening: Happening, reading: TelegramReading): InboundEvent {
  switch (happening.what) {
    case "message":
      return readMessage(happening.message, null, reading);
    case "command": {
      const message = reading.parse(happening.raw as TelegramMessage);
      return readMessage(message, commandText(happening.command, happening.text), reading);
    }
    case "edit":
      return signal("edit", sourceOf(happening.message, reading));
    case "deletion":
      return signal("edit", sourceOf(reading.parse(happening.raw as TelegramMessage), reading));
    case "reaction": {
      const { chat, user, actor_chat: actor } = happening.raw as TelegramMessageReactionUpdated;
      return signal("reaction", placeOf(chat, null, user ?? actor ?? chat, reading));
    }
    case "action": {
      const { message, from } = happening.raw as TelegramCallbackQuery;
      return signal("action", placeOf(message?.chat ?? from, message ?? null, from, reading));
    }
  }
}

/** The year 5138. */
const MOST_SECONDS = 1e11;

function signal(name: SignalName, source: Source): InboundEvent {
  return { kind: "signal", name, source };
}

/** Telegram's own button for a first word sends `/start`: what helps then is what `/help` says. */
function commandText(command: string, text: string): string {
  if (command.toLowerCase() === "/start") return "/help";
  return text === "" ? command : `${command} ${text}`;
}

function readMessage(message: Message, command: string | null, reading: TelegramReading): InboundEvent {
  const raw = message.raw as TelegramMessage;
  const source = sourceOf(message, reading);
  const attachments = attachmentsOf(message, raw);
  const text = command ?? telegramText(raw, message.text, reading.username());
  const service = SERVICE.find(([field]) => field in raw)?.[1];
  if (service !== undefined) return signal(service, source);
  // Nothing was said: a pin, a new title, a topic that was opened. White space that was typed stays blank text.
  if (message.text === "" && attachments.length === 0) return signal("action", source);
  const isAddressed = isSaidToBot(message, raw, command !== null, reading.albums);
  // The bot's name and nothing else: somebody looks whether it is there.
  if (isAddressed && text === "" && attachments.length === 0) return signal("ping", source);
  return {
    kind: "message",
    source,
    eventId: String(raw.message_id),
    text,
    ...sentAt(raw),
    ...(attachments.length === 0 ? {} : { attachments }),
    fromBot: raw.sender_chat === undefined && (message.author.isBot === true || message.author.isMe),
    addressed: isAddressed,
  };
}

/** Telegram's seconds; a time that is none is not taken for one. */
function sentAt({ date }: TelegramMessage): { readonly sentAt?: number } {
  return Number.isSafeInteger(date) && date > 0 && date < MOST_SECONDS ? { sentAt: date * 1_000 } : {};
}

/** A mention, an answer to the bot, a command: in a chat of several people nothing else is meant for it. */
function isSaidToBot(message: Message, raw: TelegramMessage, isCommand: boolean, albums: Recent<true>): boolean {
  const album = raw.media_group_id === undefined ? null : `${raw.chat.id}:${raw.media_group_id}`;
  const isMeant = raw.chat.type === "private" || isCommand || message.isMention === true;
  if (isMeant && album !== null) albums.set(album, true);
  return isMeant || (album !== null && albums.get(album) === true);
}

/**
 * Who speaks as a group or a channel, such as an admin who stays anonymous, is that chat: Telegram names a
 * bot of its own as the author. It is no person, and in its own group not the one of a direct message.
 */
function sourceOf({ raw: given, author }: Message, reading: TelegramReading): Source {
  const raw = given as TelegramMessage;
  const { sender_chat: as } = raw;
  const person =
    as === undefined ? { id: author.userId, title: author.fullName } : { id: `chat:${as.id}`, title: as.title ?? "" };
  return placeOf(raw.chat, raw, person, reading);
}

/** Only a topic of a forum is a thread: elsewhere Telegram numbers chains of replies the same way. */
function placeOf(
  chat: TelegramChat | TelegramUser,
  raw: TelegramMessage | null,
  person: TelegramUser | TelegramChat | { readonly id: string; readonly title: string },
  { account }: TelegramReading,
): Source {
  const isTopic = raw !== null && "is_topic_message" in raw && raw.is_topic_message === true;
  const topic = isTopic && isShared(chat) ? raw.message_thread_id : undefined;
  const chatName = "title" in chat ? chat.title : undefined;
  return createSource({
    platform: "telegram",
    account,
    chatType: topic !== undefined ? "thread" : isShared(chat) ? kindOf(chat) : "dm",
    chat: String(chat.id),
    ...(topic === undefined ? {} : { thread: String(topic) }),
    user: String(person.id),
    chatName,
    userName: nameOf(person),
  });
}

function isShared(chat: TelegramChat | TelegramUser): chat is TelegramChat {
  return "type" in chat && chat.type !== "private";
}

function kindOf(chat: TelegramChat): "channel" | "group" {
  return chat.type === "channel" ? "channel" : "group";
}

function nameOf(person: TelegramUser | TelegramChat | { readonly title: string }): string | undefined {
  if ("title" in person && person.title !== undefined) return person.title;
  if (!("first_name" in person)) return undefined;
  return [person.first_name, person.last_name].filter((part) => part !== undefined).join(" ");
}

/** Files by reference: whoever fetches one needs the token, which therefore is not part of the address. */
function attachmentsOf({ attachments }: Message, raw: TelegramMessage): readonly Attachment[] {
  // A sticker stands for its emoji, which is its text.
  if (raw.sticker !== undefined) return [];
  return attachments.flatMap(({ type, name, mimeType, fetchMetadata }) => {
    const fileId = fetchMetadata?.["fileId"];
    if (fileId === undefined) return [];
    const called = name ?? (raw.voice === undefined ? NAMES[type] : "voice message");
    return [
      { url: `telegram:file/${fileId}`, name: called, ...(mimeType === undefined ? {} : { mediaType: mimeType }) },
    ];
  });
}

const NAMES: Readonly<Record<Message["attachments"][number]["type"], string>> = {
  image: "photo",
  video: "video",
  audio: "audio",
  file: "file",
};
