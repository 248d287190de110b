import { parseCommand } from "../command/parse-command.ts";
import { ParlorError } from "../core/errors.ts";
import type { InboundEvent } from "../core/event.ts";
import { createSource } from "../core/source.ts";
import type { Source } from "../core/source.ts";
import type { InboxOutcome } from "../inbox/inbox.ts";
import { batchDigest, keyedEventId } from "./event-identity.ts";
import { ROOM_AFTER_S } from "./event-answer.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { OpenAiError } from "./openai-error.ts";
import type { Said } from "./openai-thread.ts";

export type Accepted =
  | { readonly kind: "stored"; readonly sessionId: string; readonly seq: number; readonly acceptedAt: number }
  /** A command was typed, and this is its reply; nothing was stored. */
  | { readonly kind: "command"; readonly reply: string };

export type SaidEvent = Extract<InboundEvent, { kind: "message" }>;

/** The messages of a call as events. With a key, each is recognised when the call is sent again. */
export function saidEvents(source: Source, said: readonly Said[], key: string | null): readonly SaidEvent[] {
  const batch = batchDigest(said.map(({ text, attachments }) => JSON.stringify([text, attachments])));
  return said.map(({ text, attachments, name }, index) => ({
    kind: "message",
    source: name === undefined ? source : named(source, name),
    eventId: key === null ? null : keyedEventId(source.user, key, index),
    // What belongs to one call stands and falls together: with another message among them it is another call.
    batch,
    text,
    attachments,
  }));
}

/**
 * Hands over what a call says, in order: together, so that it shares one commit and one turn, unless a
 * command is among it.
 *
 * @throws OpenAiError when the key came with another body, its session was erased, or has no room; ParlorError what
 * the store throws.
 */
export async function acceptSaid(
  ports: Pick<GatewayPorts, "receive" | "reader">,
  events: readonly SaidEvent[],
): Promise<Accepted> {
  const outcomes: InboxOutcome[] = [];
  try {
    await checkKey(ports, events);
    if (events.some(isCommand)) for (const event of events) outcomes.push(await ports.receive(event));
    else outcomes.push(...(await Promise.all(events.map((event) => ports.receive(event)))));
  } catch (error) {
    throw error instanceof OpenAiError ? error : unrepeatable(error, events);
  }
  if (outcomes.some(({ outcome }) => outcome === "conflict")) throw conflict();
  if (outcomes.some(({ outcome }) => outcome === "gone")) throw gone();
  if (outcomes.some(isFull)) throw full(outcomes, events);
  const last = outcomes.at(-1);
  switch (last?.outcome) {
    case "accepted": {
      const { session, seq } = last;
      return { kind: "stored", sessionId: session.id, seq, acceptedAt: session.lastUserMessageAt ?? 0 };
    }
    case "duplicate": {
      const { sessionId, seq } = last;
      const { items } = await ports.reader.transcript(sessionId, { afterSeq: seq - 1, limit: 1 });
      return { kind: "stored", sessionId, seq, acceptedAt: items[0]?.createdAt ?? 0 };
    }
    case "command":
    case "rejected":
      return { kind: "command", reply: last.reply ?? "" };
    default:
      // What was read of the call is content: the inbox has no other answer to it.
      throw new Error(`the inbox answered a message with ${last?.outcome ?? "nothing"}`);
  }
}

/** Before the first of several is taken: a call that is refused for one of them leaves nothing of the others. */
async function checkKey({ reader }: Pick<GatewayPorts, "reader">, events: readonly SaidEvent[]): Promise<void> {
  if (events.length === 1) return;
  for (const event of events) {
    // A command finds out by itself, and to it every repetition is a conflict.
    if (isCommand(event)) continue;
    const received = await reader.received(event);
    if (received?.outcome === "conflict") throw conflict();
    if (received?.outcome === "gone") throw gone();
  }
}

function isCommand({ text, attachments = [] }: SaidEvent): boolean {
  return attachments.length === 0 && parseCommand(text) !== null;
}

function named(source: Source, name: string): Source {
  return createSource({
    ...source,
    thread: source.thread ?? undefined,
    chatName: source.chatName ?? undefined,
    userName: name,
  });
}

/** Whether it was stored is not known: without a key, a client that repeats it by itself may say it twice. */
function unrepeatable(error: unknown, events: readonly SaidEvent[]): unknown {
  if (!(error instanceof ParlorError) || !error.retryable || events.some(({ eventId }) => eventId !== null))
    return error;
  return new OpenAiError("unavailable", `${error.message} Whether the message was stored is not known.`, {
    mayRetry: false,
    headers: { "retry-after": "1" },
  });
}

function isFull(outcome: InboxOutcome): outcome is Extract<InboxOutcome, { reason: "full" }> {
  return outcome.outcome === "rejected" && outcome.reason === "full";
}

/** What the session had room for is stored: with a key it is recognised when the call is sent again, without one it would be said twice. */
function full(outcomes: readonly InboxOutcome[], events: readonly SaidEvent[]): OpenAiError {
  const isPart = !outcomes.every(isFull);
  const mayRepeat = !isPart || events.every(({ eventId }) => eventId !== null);
  const stored = isPart ? " The messages before it in this call were stored." : " Nothing of this call was stored.";
  return new OpenAiError(
    "session_full",
    `As many messages wait in this conversation as may.${stored} Send the call again after Retry-After seconds${isPart ? ", with the same Idempotency-Key" : ""}.`,
    { headers: { "retry-after": String(ROOM_AFTER_S) }, ...(mayRepeat ? {} : { mayRetry: false }) },
  );
}

function conflict(): OpenAiError {
  return new OpenAiError(
    "idempotency_conflict",
    "This Idempotency-Key came before with another body. Give every call a key of its own.",
    { mayRetry: false },
  );
}

function gone(): OpenAiError {
  return new OpenAiError("gone", "This call was received before, and its session was erased since.");
}
