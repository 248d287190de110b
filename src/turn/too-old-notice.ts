import { isBlank } from "../core/message.ts";
import type { Entry } from "../core/transcript.ts";

/** How much of a message is quoted, in characters. */
const MOST_QUOTED = 80;
const MOST_UNITS = 8 * MOST_QUOTED;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * What a person is asked whose messages have waited too long to be answered unasked: which they are and
 * when they were sent, in words that hold in every time zone.
 */
export function tooOldNotice(messages: readonly Entry[], now: number, hasRetryCommand: boolean): string {
  const [newest] = messages.toSorted((a, b) => b.sentAt - a.sentAt || b.seq - a.seq);
  if (newest === undefined) return "";
  const isOne = messages.length === 1;
  const sent = timeAgo(now - newest.sentAt);
  const which = isOne
    ? `Your message from ${sent}, ${quoted(newest)},`
    : `Your last ${messages.length} messages, the newest from ${sent}, ${quoted(newest)},`;
  const [has, it, matters] = isOne ? ["has", "it", "it still matters"] : ["have", "them", "they still matter"];
  const question = hasRetryCommand
    ? `Shall I still answer ${it}? Send /retry, and I will.`
    : `Please send ${it} again if ${matters}.`;
  return `${which} ${has} waited too long, so I have not acted on ${it}. ${question}`;
}

/** Its beginning; of a file without words that of its name. */
function quoted({ text, attachments }: Entry): string {
  if (!isBlank(text)) return `"${beginningOf(text)}"`;
  const name = attachments[0]?.name ?? "";
  return isBlank(name) ? "a file" : beginningOf(name);
}

/** On one line. */
function beginningOf(text: string): string {
  const words = text.trim().replaceAll(/\s+/gu, " ");
  // A character is as many code units as somebody puts marks on it, and a long text takes seconds to divide.
  const characters = Array.from(new Intl.Segmenter().segment(words.slice(0, MOST_UNITS)), ({ segment }) => segment);
  const beginning = characters.slice(0, MOST_QUOTED).join("");
  return beginning.length < words.length ? `${beginning}…` : words;
}

function timeAgo(ageMs: number): string {
  const words = new Intl.RelativeTimeFormat("en");
  if (ageMs < MINUTE_MS) return "a moment ago";
  if (ageMs < HOUR_MS) return words.format(-Math.floor(ageMs / MINUTE_MS), "minute");
  if (ageMs < 2 * DAY_MS) return words.format(-Math.floor(ageMs / HOUR_MS), "hour");
  return words.format(-Math.floor(ageMs / DAY_MS), "day");
}
