import type { TelegramMessage } from "@chat-adapter/telegram";

/** What is kept of formatting, because without it something would be missing: an address, the bounds of code. */
const KEPT = new Set(["text_link", "pre", "code"]);

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * What was said in a message: its text or caption, or what stands for it (a sticker's emoji, a place).
 * The bot's name is taken away where it only calls the bot: at the beginning and at the end.
 *
 * @param standIn - The text for messages that have neither text nor caption.
 */
export function telegramText(raw: TelegramMessage, standIn: string, username: string): string {
  const plain = raw.text ?? raw.caption;
  if (plain === undefined) return standIn;
  return withoutName(formatted(plain, raw.entities ?? raw.caption_entities ?? []), username);
}

function formatted(plain: string, entities: NonNullable<TelegramMessage["entities"]>): string {
  const insertions = entities.filter(({ type }) => KEPT.has(type)).flatMap(marksOf);
  let text = "";
  let from = 0;
  // What is kept never overlaps: Telegram lets code hold no other entity.
  for (const { at, text: mark } of insertions.toSorted((a, b) => a.at - b.at)) {
    text += plain.slice(from, at) + mark;
    from = at;
  }
  return text + plain.slice(from);
}

function marksOf(entity: NonNullable<TelegramMessage["entities"]>[number]): readonly Insertion[] {
  const { type, offset, length, language = "", url = "" } = entity;
  const end = offset + length;
  switch (type) {
    case "pre":
      return [
        { at: offset, text: `\`\`\`${language}\n` },
        { at: end, text: "\n```" },
      ];
    case "code":
      return [
        { at: offset, text: "`" },
        { at: end, text: "`" },
      ];
    default:
      return [{ at: end, text: ` (${url})` }];
  }
}

function withoutName(text: string, username: string): string {
  const name = `@${RegExp.escape(username)}`;
  return text
    .replace(new RegExp(`^\\s*${name}(?![\\w])[\\s,:]*`, "i"), "")
    .replace(new RegExp(`\\s*(?<![\\w])${name}\\s*$`, "i"), "");
}
