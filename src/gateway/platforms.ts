/**
 * The platforms of a configuration, both ways: what comes in goes to the inbox and is answered where a
 * command or a refusal has an answer; what goes out is cut to what each platform takes.
 *
 * An event is received, for the platform, once the inbox has it and a command's answer waits for delivery:
 * before that it comes again, and the answer's key keeps it one.
 */
import type { Config } from "../config/config.ts";
import type { Destination } from "../core/delivery.ts";
import type { InboundEvent } from "../core/event.ts";
import type { Source } from "../core/source.ts";
import type { InboxOutcome } from "../inbox/inbox.ts";
import type { Clock } from "../lib/clock.ts";
import type { ChatPlatform, FileLimits, Platform, PlatformFile } from "../platform/platform.ts";
import { splitText } from "../platform/split-text.ts";
import { createTelegram } from "../platform/telegram.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { Live } from "../turn/live.ts";
import type { StreamingPlatform } from "../turn/streamed-reply.ts";
import { type SoleDuty, type SoleDutyOptions, createSoleDuty } from "./sole-duty.ts";
import { createTyping, type Typing } from "./typing.ts";

export interface PlatformsDeps {
  readonly config: Pick<Config, "telegram">;
  /** The platform that replies to webhooks are sent by. */
  readonly webhook: Platform;
  readonly store: Pick<DeliveryStore, "addDelivery"> & SoleDutyOptions["store"];
  /** The name this node's leases carry. */
  readonly node: string;
  readonly receive: (event: InboundEvent) => Promise<InboxOutcome>;
  readonly live: Pick<Live, "listen">;
  readonly clock: Clock;
  readonly onFault: (where: string, error: unknown) => void;
  /** Called when there is something new to deliver. */
  readonly onAdded: () => void;
  readonly onStandby: SoleDutyOptions["onStandby"];
  readonly onTaken: SoleDutyOptions["onTaken"];
  readonly onLost: SoleDutyOptions["onLost"];
}

export interface Platforms {
  /** Everything that replies can be sent by. */
  readonly senders: readonly Platform[];
  /** For people: what messages are asked for, such as `telegram @parlor_bot`. */
  readonly labels: readonly string[];
  /** What is sent of a text to this place, in order; nothing where it is read from the transcript. */
  pieces(destination: Destination, text: string): readonly string[];
  /** What shows a reply to this place while it is written; null where none does. */
  streaming(destination: Destination): StreamingPlatform | null;
  /** The file of an attachment that only the platform of its message can reach. */
  fetchFile(url: string, source: Source, limits: FileLimits): Promise<PlatformFile>;
  /** Begins to take events. */
  start(): void;
  /** Takes nothing more and waits for what is being received. */
  stop(): Promise<void>;
}

/** How long a gateway that is gone without a word keeps others from asking its platforms, in milliseconds. */
const DUTY_LEASE_MS = 30_000;
/** How many answers that need not arrive are on their way at once; strangers cannot make them more. */
const SAYING_LIMIT = 32;

/**
 * @throws ParlorError `START_FAILED` for a token that its platform does not know, or packages that are not
 * installed.
 */
export async function createPlatforms(deps: PlatformsDeps): Promise<Platforms> {
  const { telegram } = deps.config;
  const typing = createTyping(deps);
  const chats: readonly ChatPlatform[] = telegram === null ? [] : [await openTelegram(telegram, { ...deps, typing })];
  const senders: readonly Platform[] = [deps.webhook, ...chats];
  const duties = chats.map((chat) => dutyOf(chat, deps));
  return {
    senders,
    labels: chats.map(({ label }) => label),
    pieces: (destination, text) => {
      const sender = senders.find(({ name }) => name === destination.platform);
      return sender?.delivers(destination) === true ? piecesFor(sender, text) : [];
    },
    streaming: (destination) => {
      if (telegram?.streaming !== true) return null;
      const chat = chats.find((platform) => platform.name === destination.platform && platform.delivers(destination));
      return chat?.streaming === undefined ? null : { ...chat, streaming: chat.streaming };
    },
    fetchFile: async (url, source, limits) => {
      const chat = chats.find((platform) => platform.name === source.platform && platform.delivers(source));
      const file = await chat?.fetchFile?.(url, limits);
      return file ?? { outcome: "unavailable", reason: "its address is none of the web" };
    },
    start: () => {
      for (const duty of duties) duty.start();
    },
    stop: async () => {
      await Promise.all(duties.map((duty) => duty.stop()));
      typing.stop();
    },
  };
}

/** Of all gateways on a store one asks a platform; the others stand by and send. */
function dutyOf(chat: ChatPlatform, deps: PlatformsDeps): SoleDuty {
  const { store, node, clock, onStandby, onTaken, onLost, onFault } = deps;
  return createSoleDuty({
    store,
    name: chat.lease,
    node,
    leaseMs: DUTY_LEASE_MS,
    clock,
    begin: chat.start,
    end: chat.stop,
    onStandby,
    onTaken,
    onLost,
    onFault: (error) => onFault(chat.name, error),
  });
}

async function openTelegram(
  { token, apiBaseUrl }: NonNullable<Config["telegram"]>,
  deps: PlatformsDeps & { readonly typing: Typing },
): Promise<ChatPlatform> {
  const onFault = (error: unknown): void => deps.onFault("telegram", error);
  const platform: ChatPlatform = await createTelegram({
    token: token.reveal(),
    apiBaseUrl,
    receive: (event) => answer(event),
    onFault,
    clock: deps.clock,
  });
  const answer = answering(platform, onFault, deps);
  return platform;
}

/** Receives an event and says what has to be said about it at once. */
function answering(
  platform: ChatPlatform,
  onFault: (error: unknown) => void,
  { store, receive, typing, onAdded }: PlatformsDeps & { readonly typing: Typing },
): (event: InboundEvent) => Promise<void> {
  let saying = 0;
  const say = async (destination: Destination, text: string): Promise<void> => {
    if (saying >= SAYING_LIMIT) return;
    saying += 1;
    try {
      for (const piece of piecesFor(platform, text)) await platform.say(destination, piece);
    } catch (error) {
      onFault(error);
    } finally {
      saying -= 1;
    }
  };

  return async (event) => {
    const { source } = event;
    const outcome = await receive(event);
    switch (outcome.outcome) {
      case "accepted":
        typing.follow({ id: outcome.session.id, seq: outcome.seq }, platform, source);
        return;
      case "command":
        for (const [index, text] of piecesFor(platform, outcome.reply).entries()) {
          await store.addDelivery({ destination: source, text, key: replyKey(event, index) });
        }
        onAdded();
        return;
      case "rejected":
        // A command that is not known may be meant for another bot, where there can be one.
        if (outcome.reply === null || (outcome.reason === "unknown-command" && source.chatType !== "dm")) return;
        // Nothing is stored for what was refused, and nobody waits for it to be said.
        void say(source, outcome.reply);
        return;
      case "signal":
      case "duplicate":
      case "conflict":
      case "gone":
        return;
    }
  };
}

function piecesFor({ maxLength }: Platform, text: string): readonly string[] {
  return maxLength === null ? [text] : splitText(text, maxLength);
}

/** One answer for one command: also when the command comes again. */
function replyKey(event: InboundEvent, index: number): string | null {
  if (event.kind !== "message" || event.eventId === null) return null;
  const { platform, account, chatType, chat, thread, user }: Source = event.source;
  return JSON.stringify([platform, account, chatType, chat, thread, user, event.eventId, index]);
}
