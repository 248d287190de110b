/**
 * A message is content: something a person said to the agent. It is in exactly one state.
 *
 *     waiting ──claim──▶ running ──commit──▶ answered
 *        │                  ├──interrupt──▶ waiting
 *        │                  ├──cancel, reset──▶ cancelled
 *        │                  └──attempts used up──▶ dead ──retried by hand──▶ running
 *        └──cancel, reset──▶ cancelled
 *     overheard: said near the agent, not to it; never answered
 *
 * Every state can become `erased`; what was erased keeps no text.
 */
import { ParlorError } from "./errors.ts";
import { checkId } from "./source.ts";
import type { Source } from "./source.ts";

export const MESSAGE_STATES = ["waiting", "running", "answered", "cancelled", "dead", "overheard", "erased"] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

const NEXT: Readonly<Record<MessageState, readonly MessageState[]>> = {
  waiting: ["running", "cancelled", "erased"],
  running: ["waiting", "answered", "cancelled", "dead", "erased"],
  answered: ["erased"],
  cancelled: ["erased"],
  dead: ["running", "erased"],
  overheard: ["erased"],
  erased: [],
};

/** Whether a message may go from one state to the other. */
export function canBecome(from: MessageState, to: MessageState): boolean {
  return NEXT[from].includes(to);
}

/** A file that came with a message, by reference: it is fetched when a turn needs it. */
export interface Attachment {
  readonly url: string;
  readonly name?: string;
  readonly mediaType?: string;
}

/** What the store accepts. */
export interface InboundMessage {
  readonly source: Source;
  /** May be empty when there are attachments. */
  readonly text: string;
  readonly attachments?: readonly Attachment[];
  /**
   * What the platform calls this message, unique in its chat: a redelivery with the same id starts
   * nothing. Null: the platform has no such id, and every delivery counts as new.
   */
  readonly eventId: string | null;
  /**
   * A digest of everything that was sent together under one id, when that is more than this message.
   * It belongs to the body: sent again with another one, the message is a conflict. Default: none.
   */
  readonly batch?: string;
  /** When the person sent it by the platform's clock, in epoch milliseconds; a time in the future counts as now. */
  readonly sentAt?: number;
}

/** The longest text of one message, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 100_000;

/**
 * The message as it is stored: NUL, which PostgreSQL cannot hold, and halves of surrogate pairs become U+FFFD.
 *
 * @throws ParlorError `INVALID_INPUT` when it has neither text nor attachment (that is a signal, not
 * a message), is longer than 100,000 characters, or has a time or an event id that breaks the rules.
 */
export function checkMessage<T extends InboundMessage>(message: T): T {
  if (isBlank(message.text) && (message.attachments ?? []).length === 0) {
    throw new ParlorError("INVALID_INPUT", "A message needs text or an attachment; found neither.");
  }
  if (message.text.length > MAX_TEXT_LENGTH) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A message may have ${MAX_TEXT_LENGTH} characters; found ${message.text.length}. Send it in parts.`,
    );
  }
  if (message.sentAt !== undefined && !(Number.isSafeInteger(message.sentAt) && message.sentAt >= 0)) {
    throw new ParlorError(
      "INVALID_INPUT",
      `sentAt must be a time in whole epoch milliseconds; found ${message.sentAt}. Leave it out where it is not known.`,
    );
  }
  if (message.eventId !== null) checkId("event", message.eventId);
  const text = storableText(message.text);
  return text === message.text ? message : { ...message, text };
}

/** Text as every database can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** Whether nobody could read anything in it: white space, and characters that show nothing. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}
