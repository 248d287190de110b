/**
 * The seam to the Chat SDK: its adapters verify and parse what a platform sends and hand it to a `Chat`.
 * This one keeps none of the SDK's sessions, queues and claims. Whatever an adapter hands over becomes an
 * event, received in the order in which it came; the promise that the adapter gets resolves when that has
 * happened and rejects when it has not, so that the edge can tell the platform to send it again.
 *
 * It is a subclass because the interface that adapters see grows with every version; what is not
 * overridden here stays as the SDK has it.
 */
import type * as ChatSdk from "chat";
import type { Adapter, Chat, Logger, Message, WebhookOptions } from "chat";
import type { InboundEvent } from "../core/event.ts";
import { createChatState } from "./chat-state.ts";
import { createReceiveOrder } from "./receive-order.ts";

/** What an adapter hands over. */
export type Happening =
  | { readonly what: "message" | "edit"; readonly message: Message }
  /** A command that the platform recognised; `text` is what stands behind it. */
  | { readonly what: "command"; readonly command: string; readonly text: string; readonly raw: unknown }
  /** `raw` is the platform's own payload. */
  | { readonly what: "deletion" | "reaction" | "action"; readonly raw: unknown };

export interface ChatSdkOptions {
  readonly adapter: Adapter;
  /** A happening in Parlor's words; null when it is nothing that counts. */
  readonly read: (happening: Happening) => InboundEvent | null;
  readonly receive: (event: InboundEvent) => Promise<void>;
}

/** @param sdk - The package `chat`, which is loaded only where a platform of it is on. */
export function createChat(sdk: typeof ChatSdk, { adapter, read, receive }: ChatSdkOptions): Chat {
  const order = createReceiveOrder();

  /** Before anything is awaited the event has its place: a slow look at who spoke lets nobody overtake. */
  function take(threadId: string, happening: () => Promise<Happening>, options?: WebhookOptions): Promise<void> {
    const lane = adapter.channelIdFromThreadId(threadId);
    const task = order.run(
      lane,
      async () => read(await happening()),
      async (event) => {
        if (event !== null) await receive(event);
      },
    );
    // Not every adapter looks at the promise it is given.
    task.catch(() => {});
    options?.waitUntil?.(task);
    return task;
  }

  class ReceivingChat extends sdk.Chat {
    override processMessage(
      _adapter: Adapter,
      threadId: string,
      message: Message | (() => Promise<Message>),
      options?: WebhookOptions,
    ): Promise<void> {
      return take(threadId, async () => ({ what: "message", message: await resolve(message) }), options);
    }

    override handleIncomingMessage(from: Adapter, threadId: string, message: Message): Promise<void> {
      return this.processMessage(from, threadId, message);
    }

    override processMessageUpdated(
      { threadId, message }: Parameters<Chat["processMessageUpdated"]>[0],
      options?: WebhookOptions,
    ): Promise<void> {
      return take(threadId, async () => ({ what: "edit", message: await resolve(message) }), options);
    }

    override processMessageDeleted(
      { threadId, raw }: Parameters<Chat["processMessageDeleted"]>[0],
      options?: WebhookOptions,
    ): Promise<void> {
      return take(threadId, async () => ({ what: "deletion", raw }), options);
    }

    override processReaction(
      { threadId, raw }: Parameters<Chat["processReaction"]>[0],
      options?: WebhookOptions,
    ): Promise<void> {
      return take(threadId, async () => ({ what: "reaction", raw }), options);
    }

    override processAction(
      { threadId, raw }: Parameters<Chat["processAction"]>[0],
      options?: WebhookOptions,
    ): Promise<void> {
      return take(threadId, async () => ({ what: "action", raw }), options);
    }

    override processSlashCommand(
      { channelId, command, text, raw }: Parameters<Chat["processSlashCommand"]>[0],
      options?: WebhookOptions,
    ): Promise<void> {
      return take(channelId, async () => ({ what: "command", command, text, raw }), options);
    }
  }

  return new ReceivingChat({
    userName: adapter.userName,
    adapters: { [adapter.name]: adapter },
    state: createChatState(),
    logger: SILENT,
  });
}

function resolve(message: Message | (() => Promise<Message>)): Promise<Message> {
  return typeof message === "function" ? message() : Promise.resolve(message);
}

/** Adapters log message text; what goes wrong reaches Parlor as a rejection. */
export const SILENT: Logger = { child: () => SILENT, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
