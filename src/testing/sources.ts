import type { Attachment, InboundMessage } from "../core/message.ts";
import { createSource, type Source, type SourceInput } from "../core/source.ts";
import { randomId } from "../lib/id.ts";

/** A source for tests: the direct message of `ada` on the platform `test`, but for what is given. */
export function sourceOf(input: Partial<SourceInput> = {}): Source {
  return createSource({ platform: "test", user: "ada", ...input });
}

export interface MessageOptions {
  /** Default: `sourceOf()`. */
  readonly source?: Source;
  /** Default: an id of its own. */
  readonly eventId?: string | null;
  readonly attachments?: readonly Attachment[];
  readonly batch?: string;
  readonly sentAt?: number;
}

/** A message for tests. */
export function messageOf(text: string, options: MessageOptions = {}): InboundMessage {
  return { source: sourceOf(), eventId: randomId("evt"), ...options, text };
}
