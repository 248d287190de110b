/**
 * One message and its reply, over as many connections as that takes:
 *
 *     sending ──▶ replying ──▶ said
 *        ▲            │ the connection breaks
 *        └── waiting ◀┘  a bounded number of times
 *
 * Every try carries the same id, so that the message is accepted once, and a try that follows another
 * picks the reply up where the turn is. What was received twice by that is for the receiver to know.
 */
import { ParlorError } from "../core/errors.ts";
import type { MessageState } from "../core/message.ts";
import { type Backoff, backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { keepAlive } from "../lib/keep-alive.ts";
import { sleep } from "../lib/sleep.ts";
import type { ChatClient, ChatMessage } from "./chat-client.ts";
import type { ChatEvent } from "./chat-event.ts";

/** What came of a message. */
export type Said =
  | {
      readonly outcome: "settled";
      readonly session: string;
      readonly seq: number;
      readonly state: MessageState;
      readonly reply: string | null;
    }
  | { readonly outcome: "command"; readonly reply: string };

export interface SayOptions {
  readonly clock: Clock;
  /** Ends the wait: it rejects with the signal's reason, and the turn goes on without a listener. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: ChatEvent) => void;
  /** Called for every try that is followed by another; `reason` is the end of a sentence. */
  readonly onBroken?: (reason: string) => void;
}

/** How often a message is sent before it is given up. */
const MAX_TRIES = 8;
const BACKOFF: Backoff = { firstMs: 250, maxMs: 5_000 };

/** @throws ParlorError when the gateway refuses the message, or cannot be reached for too long. */
export async function sayInChat(
  client: Pick<ChatClient, "post">,
  message: ChatMessage,
  { clock, signal, onEvent = () => {}, onBroken = () => {} }: SayOptions,
): Promise<Said> {
  // While nothing is connected, only the wait for the next try is left.
  using _awake = keepAlive();
  for (let tries = 1; ; tries += 1) {
    const reason = await hear(client.post(message, signal), signal, onEvent);
    if (typeof reason !== "string") return reason;
    if (tries === MAX_TRIES) {
      throw new ParlorError(
        "GATEWAY_UNREACHABLE",
        `The gateway could not be heard in ${MAX_TRIES} tries (${reason}). If it has the message, it answers it when it runs again.`,
      );
    }
    onBroken(reason);
    await sleep(clock, backoffMs(BACKOFF, tries), signal);
    signal.throwIfAborted();
  }
}

/** What came of one try; the reason, when the connection broke. */
async function hear(
  events: AsyncIterable<ChatEvent>,
  signal: AbortSignal,
  onEvent: (event: ChatEvent) => void,
): Promise<Said | string> {
  let accepted: { readonly session: string; readonly seq: number } | null = null;
  try {
    for await (const event of events) {
      onEvent(event);
      if (event.type === "command") return { outcome: "command", reply: event.reply };
      if (event.type === "accepted") accepted = event;
      if (event.type === "end" && accepted !== null) {
        const { session, seq } = accepted;
        return { outcome: "settled", session, seq, state: event.state, reply: event.reply };
      }
    }
    return "the connection ended";
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ParlorError && error.retryable) return error.message;
    throw error;
  }
}
