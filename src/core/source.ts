import { ParlorError } from "./errors.ts";

export const CHAT_TYPES = ["dm", "group", "channel", "thread"] as const;

/** What kind of place a chat is: one person, some people, an audience, or a thread in any of them. */
export type ChatType = (typeof CHAT_TYPES)[number];

/** Where an event came from. */
export interface Source {
  /** The chat platform, such as `slack`. */
  readonly platform: string;
  /** The workspace, bot or number that received the event. */
  readonly account: string;
  readonly chatType: ChatType;
  /** The platform's id of the chat. */
  readonly chat: string;
  /** The platform's id of the thread; null unless `chatType` is `thread`. */
  readonly thread: string | null;
  /** The platform's id of the person. */
  readonly user: string;
  /** Names are for people to read; nothing is decided by them. */
  readonly chatName: string | null;
  readonly userName: string | null;
}

export interface SourceInput {
  readonly platform: string;
  /** Default: `default`. */
  readonly account?: string | undefined;
  /** Default: `thread` when `thread` is given, else `dm`. */
  readonly chatType?: ChatType | undefined;
  /** Default: the user's id, for a direct message. */
  readonly chat?: string | undefined;
  readonly thread?: string | undefined;
  readonly user: string;
  readonly chatName?: string | undefined;
  readonly userName?: string | undefined;
}

/** The longest id and the longest name Parlor accepts, in UTF-16 units. */
export const MAX_ID_LENGTH = 256;

const CONTROL = /\p{Cc}/u;

/**
 * A checked `Source`. Ids are kept as they are, character for character; names lose line breaks and
 * are cut at 256 characters.
 *
 * @throws ParlorError `INVALID_INPUT` when an id is empty, longer than 256 characters, or holds a
 * control character or half a surrogate pair, or when `thread` and `chatType` disagree.
 */
export function createSource(input: SourceInput): Source {
  const chatType = input.chatType ?? (input.thread === undefined ? "dm" : "thread");
  if (!CHAT_TYPES.includes(chatType)) {
    throw invalid(`the chat type must be one of ${CHAT_TYPES.join(", ")}; found "${chatType}"`);
  }
  if ((chatType === "thread") !== (input.thread !== undefined)) {
    throw invalid(
      `a source of chat type "${chatType}" ${chatType === "thread" ? "needs a thread id" : "has no thread id"}`,
    );
  }
  const user = checkId("user", input.user);
  return {
    platform: checkId("platform", input.platform),
    account: checkId("account", input.account ?? "default"),
    chatType,
    chat:
      input.chat === undefined && chatType !== "group" && chatType !== "channel" ? user : checkId("chat", input.chat),
    thread: input.thread === undefined ? null : checkId("thread", input.thread),
    user,
    chatName: cleanName(input.chatName),
    userName: cleanName(input.userName),
  };
}

/**
 * An id as a database keeps it, character for character: no two of them become one.
 *
 * @throws ParlorError `INVALID_INPUT` when it is anything else.
 */
export function checkId(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw invalid(`the ${name} id must be a string; found ${value === null ? "null" : typeof value}`);
  }
  if (value.length === 0 || value.length > MAX_ID_LENGTH) {
    throw invalid(`the ${name} id must have 1 to ${MAX_ID_LENGTH} characters; found ${value.length}`);
  }
  if (CONTROL.test(value) || !value.isWellFormed()) {
    throw invalid(`the ${name} id must be well-formed text without control characters`);
  }
  return value;
}

/** A name as people may read it: one line of at most 256 characters; null when nothing is left of it. */
export function cleanName(name: string | undefined): string | null {
  const line = name?.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, " ").trim();
  const clean = line
    ?.slice(0, MAX_ID_LENGTH)
    .replace(/\p{Cs}$/u, "")
    .trimEnd();
  return clean === undefined || clean === "" ? null : clean;
}

function invalid(message: string): ParlorError {
  return new ParlorError("INVALID_INPUT", `${message}.`);
}
