/** Updates as Telegram sends them. */
import type { FakeTelegramUpdate } from "../../src/testing/fake-telegram.ts";

export const BOT = { id: 4242, is_bot: true, first_name: "Parlor", username: "parlor_bot" };
export const ADA = {
  id: 7,
  is_bot: false,
  first_name: "Ada",
  last_name: "Lovelace",
  username: "ada",
  language_code: "en",
};
export const DM = { id: 7, type: "private", first_name: "Ada", username: "ada" };
export const GROUP = { id: -1001, type: "supergroup", title: "Analysts" };
export const FORUM = { id: -1002, type: "supergroup", title: "Analysts", is_forum: true };

let lastMessage = 0;

/** The fields of a message that Ada sends the bot directly, with what is given in their place. */
export function message(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  lastMessage += 1;
  return { message_id: lastMessage, from: ADA, chat: DM, date: Math.floor(Date.now() / 1000), ...fields };
}

export function update(fields: Readonly<Record<string, unknown>>): FakeTelegramUpdate {
  return { message: message(fields) };
}

/** A command, with the entity by which Telegram marks it. */
export function commandUpdate(text: string, fields: Readonly<Record<string, unknown>> = {}): FakeTelegramUpdate {
  const length = text.search(/\s|$/);
  return update({ text, entities: [{ type: "bot_command", offset: 0, length }], ...fields });
}

/** A text with a mention in it, with the entity by which Telegram marks it. */
export function mentionUpdate(text: string, fields: Readonly<Record<string, unknown>> = {}): FakeTelegramUpdate {
  const name = `@${BOT.username}`;
  return update({
    text,
    chat: GROUP,
    entities: [{ type: "mention", offset: text.indexOf(name), length: name.length }],
    ...fields,
  });
}
