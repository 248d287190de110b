import type { Attachment } from "./message.ts";
import type { Source } from "./source.ts";

/** Anything a platform hands over, verified and in Parlor's words. Whether it is content is decided by `inbox/`. */
export type InboundEvent =
  /**
   * A handshake, ping, join, typing notice, receipt, reaction, edit of what was said, something done
   * without a word (a pin, a new title, a button), or a probe. `name` says which, for the metrics.
   */
  | { readonly kind: "signal"; readonly source: Source; readonly name: SignalName }
  | {
      readonly kind: "message";
      readonly source: Source;
      /** See `InboundMessage.eventId`. */
      readonly eventId: string | null;
      /** See `InboundMessage.batch`. */
      readonly batch?: string;
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      /** See `InboundMessage.sentAt`. */
      readonly sentAt?: number;
      /** Whether a bot, this one included, said it: bots are not answered. Default: false. */
      readonly fromBot?: boolean;
      /** Whether it was said to the agent. Default: true. */
      readonly addressed?: boolean;
    };

/** Why an event is not content. */
export const SIGNAL_NAMES = [
  "ping",
  "handshake",
  "join",
  "leave",
  "typing",
  "read",
  "reaction",
  "edit",
  "action",
  "blank",
  "bot",
  "unaddressed",
  "probe",
] as const;

export type SignalName = (typeof SIGNAL_NAMES)[number];
