/**
 * The Chat SDK's Telegram adapter, with what Parlor needs of it in place of what it does by itself: it
 * fetches nothing, keeps no messages, shows no typing, and what Telegram refuses keeps its status.
 */
import type * as TelegramSdk from "@chat-adapter/telegram";
import type { TelegramAdapter, TelegramMessage, TelegramUpdate, TelegramUser } from "@chat-adapter/telegram";
import type * as ChatSdk from "chat";
import type { Adapter, Message, WebhookOptions } from "chat";
import { ParlorError } from "../core/errors.ts";
import { SILENT } from "./chat-sdk.ts";
import { TelegramRefusal } from "./telegram-fault.ts";

/** The two packages, as they are imported. */
export interface TelegramPackages {
  readonly chat: typeof ChatSdk;
  readonly telegram: typeof TelegramSdk;
}

export interface TelegramAdapterOptions {
  readonly token: string;
  readonly apiBaseUrl: string;
}

/** The adapter as the rest of the room sees it. */
export interface TelegramBot {
  /** Calls a method of the Bot API. Rejects with a `TelegramRefusal`, or with what `fetch` threw. */
  call<T>(method: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<T>;
  /** Who the bot is; from then on it knows when it is spoken to. */
  identify(signal: AbortSignal): Promise<{ readonly username: string | null }>;
  /** Hands an update over. Resolves when all that it says was received. */
  dispatch(update: TelegramUpdate): Promise<void>;
  parseMessage(raw: TelegramMessage): Message<TelegramMessage>;
}

/** What the Bot API answers in place of a result. */
interface TelegramAnswer {
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

/** Telegram sends two updates for one edited message; only the first is a message. */
type Edited = Pick<TelegramUpdate, "edited_message" | "edited_channel_post">;

export function createTelegramAdapter(
  { telegram }: Pick<TelegramPackages, "telegram">,
  { token, apiBaseUrl }: TelegramAdapterOptions,
): TelegramAdapter & TelegramBot {
  class ReceivingAdapter extends telegram.TelegramAdapter implements TelegramBot {
    call<T>(method: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<T> {
      return this.telegramFetch<T>(method, { ...parameters }, { signal });
    }

    async identify(signal: AbortSignal): Promise<{ readonly username: string | null }> {
      const me = await this.call<TelegramUser>("getMe", {}, signal);
      this._botUserId = String(me.id);
      this._userName = me.username ?? this._botUserId;
      return { username: me.username ?? null };
    }

    async dispatch(update: TelegramUpdate): Promise<void> {
      const settled = await Promise.allSettled(this.#tasksOf(update));
      for (const task of settled) if (task.status === "rejected") throw task.reason;
    }

    #tasksOf(update: TelegramUpdate): readonly Promise<void>[] {
      try {
        return this.processUpdate(update) ?? [];
      } catch (error) {
        throw new ParlorError("INVALID_INPUT", `The update ${update.update_id} has a form nobody knows.`, {
          cause: error,
        });
      }
    }

    /** An edit takes the way of edits; the adapter would hand it over as a message that is said again. */
    protected override processUpdate(update: TelegramUpdate, options?: WebhookOptions): Promise<void>[] | void {
      const { edited_message: message, edited_channel_post: post }: Edited = update;
      const edited = message ?? post;
      if (edited === undefined) return super.processUpdate(update, options);
      const parsed = this.parseMessage(edited);
      const { threadId } = parsed;
      const task = this.chat?.processMessageUpdated({ adapter: asAdapter(this), threadId, message: parsed }, options);
      return task === undefined ? [] : [task];
    }

    /** Each picture of an album is a message with a receipt of its own; collected, a crash would lose them. */
    protected override async processIncomingMediaGroup(
      message: TelegramMessage,
      threadId: string,
      options?: WebhookOptions,
    ): Promise<void> {
      await this.chat?.processMessage(asAdapter(this), threadId, this.parseTelegramMessage(message, threadId), options);
    }

    protected override startTypingForPrivateMessage(): void {}

    /** It would keep every message for as long as the process lives. */
    protected override cacheMessage(): void {}

    protected override throwTelegramApiError(
      _method: string,
      status: number,
      { error_code: code, description, parameters }: TelegramAnswer,
    ): never {
      const { retry_after: seconds, migrate_to_chat_id: moved } = parameters ?? {};
      const retryAfterMs = seconds === undefined ? null : seconds * 1_000;
      const movedTo = moved === undefined ? null : String(moved);
      throw new TelegramRefusal(code ?? status, description ?? "no description", retryAfterMs, movedTo);
    }

    /** Who the bot is, is asked elsewhere, where it can be told what is wrong. */
    override initialize(chat: Parameters<TelegramAdapter["initialize"]>[0]): Promise<void> {
      this.chat = chat;
      return Promise.resolve();
    }
  }

  return new ReceivingAdapter({
    botToken: token,
    apiUrl: apiBaseUrl,
    mode: "polling",
    mentionOnReply: true,
    // Who may speak is not decided by an environment variable of the adapter.
    allowedUserIds: [],
    logger: SILENT,
  });
}

/** The SDK is compiled without `exactOptionalPropertyTypes`, by which its own class would not be its own interface. */
export function asAdapter(adapter: TelegramAdapter): Adapter {
  return adapter as unknown as Adapter;
}
