import { errorMessage } from "../core/errors.ts";
import { isNotConnected } from "./not-connected.ts";
import type { SendOutcome } from "./platform.ts";

/** What the Bot API answered instead of a result. Its descriptions speak of chats and rights, never of what was said. */
export class TelegramRefusal extends Error {
  override readonly name = "TelegramRefusal";
  readonly status: number;
  readonly description: string;
  readonly retryAfterMs: number | null;
  /** The chat that has taken the place of the one that was named; null when none has. */
  readonly movedTo: string | null;

  constructor(status: number, description: string, retryAfterMs: number | null, movedTo: string | null = null) {
    super(`Telegram answered ${status} (${description}).`);
    this.status = status;
    this.description = description;
    this.retryAfterMs = retryAfterMs;
    this.movedTo = movedTo;
  }
}

/** Whether the token is not, or no longer, that of a bot. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof TelegramRefusal && (error.status === 401 || error.status === 404);
}

/** What a call that failed says, for people, with what to do about it. */
export function telegramAdvice(error: unknown): string {
  if (isUnauthorized(error)) {
    return (
      "Telegram does not know the bot of TELEGRAM_BOT_TOKEN " +
      `(${(error as TelegramRefusal).status} ${(error as TelegramRefusal).description}); ` +
      "set it to the token that @BotFather shows for the bot."
    );
  }
  if (error instanceof TelegramRefusal && error.status === 409) {
    return (
      "Another program asks Telegram for the messages of this bot (409 Conflict); a bot has one reader. " +
      "Stop the other one, or give each its own bot."
    );
  }
  if (error instanceof TelegramRefusal) return error.message;
  return `Telegram cannot be reached (${causeOf(error)}).`;
}

/** What a failed attempt to send means for the delivery. */
export function readSendFault(error: unknown): SendOutcome {
  if (!(error instanceof TelegramRefusal)) {
    const code = causeOf(error);
    const sentence = `The call to Telegram failed (${code}).`;
    return { outcome: isNotConnected(code) ? "retry" : "ambiguous", error: sentence };
  }
  const sentence = telegramAdvice(error);
  if (error.status === 429) {
    const { retryAfterMs } = error;
    return { outcome: "retry", error: sentence, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  }
  // Whoever runs the bot can set another token.
  if (isUnauthorized(error)) return { outcome: "retry", error: sentence };
  // What fails inside the Bot API may have been sent before it failed.
  return { outcome: error.status >= 500 ? "ambiguous" : "failed", error: sentence };
}

/** Whether an edit was refused because the message has that text already. */
export function isUnchanged(error: unknown): boolean {
  return error instanceof TelegramRefusal && error.status === 400 && /message is not modified/i.test(error.description);
}

/** What a failed attempt to edit means for the delivery. In a chat that has moved its messages have other ids. */
export function readEditFault(error: unknown): SendOutcome {
  const isGone =
    error instanceof TelegramRefusal &&
    error.status === 400 &&
    (error.movedTo !== null || GONE.test(error.description));
  return isGone ? { outcome: "gone", error: telegramAdvice(error) } : readSendFault(error);
}

const GONE = /message to edit not found|message can't be edited|message_id_invalid/i;

/** The code of the innermost error that has one, or a message: neither holds the address, which has the token in it. */
function causeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = innerOf(cause)) {
    if (cause.name === "TimeoutError") return "no answer in time";
    if ("code" in cause && typeof cause.code === "string" && cause.code !== "NETWORK_ERROR") return cause.code;
  }
  return errorMessage(error);
}

function innerOf(error: Error): unknown {
  return "originalError" in error && error.originalError !== undefined ? error.originalError : error.cause;
}
