import type { Agent } from "../agent/agent.ts";
import { writeEvents } from "./event-writer.ts";
import type { EventWriter } from "./event-writer.ts";
import { jsonResponse } from "./json-response.ts";
import type { OneByOne } from "./one-by-one.ts";
import { acceptSaid } from "./openai-accept.ts";
import type { Accepted, SaidEvent } from "./openai-accept.ts";
import { directReply } from "./openai-direct-reply.ts";
import { OpenAiError } from "./openai-error.ts";
import { passingAnswerName, storedAnswerName } from "./openai-ids.ts";
import { checkContinues } from "./openai-previous-response.ts";
import type { PreviousResponse } from "./openai-previous-response.ts";
import { readyReply } from "./openai-reply.ts";
import type { AskReply, WholeReply } from "./openai-reply.ts";
import { storedReply } from "./openai-stored-reply.ts";
import type { Thread } from "./openai-thread.ts";
import type { RouteTools } from "./route-tools.ts";

/** A call that was taken, and will have a reply. */
export interface OpenAiCall {
  /** What the ids of its answer have in common. */
  readonly name: string;
  /** In epoch milliseconds. */
  readonly createdAt: number;
  /** Where it is stored; null when it is not. */
  readonly sessionId: string | null;
  readonly reply: AskReply;
}

export interface OpenAiTools extends RouteTools {
  readonly oneByOne: OneByOne;
}

/** Hands the messages of a call to its session; of one that continues a response: if it may. */
export async function storedCall(
  tools: OpenAiTools,
  events: readonly SaidEvent[],
  previous: PreviousResponse | null,
): Promise<OpenAiCall> {
  const { ports, oneByOne } = tools;
  const take = async (): Promise<Accepted> => {
    if (previous !== null) await checkContinues(ports, previous, events);
    return acceptSaid(ports, events);
  };
  // What is looked at before something is stored must still hold then.
  const { chat, user } = events[0]?.source ?? { chat: "", user: "" };
  const accepted = await oneByOne(JSON.stringify([chat, user]), take);
  if (accepted.kind === "command") return passingCall(tools, readyReply(accepted.reply));
  const { sessionId, acceptedAt } = accepted;
  const mayRetry = events.every(({ eventId }) => eventId !== null);
  return {
    name: storedAnswerName(accepted),
    createdAt: acceptedAt,
    sessionId,
    reply: storedReply(tools, accepted, { mayRetry }),
  };
}

/** Asks the agent itself. */
export function directCall(tools: RouteTools, agent: Agent, thread: Thread): OpenAiCall {
  return passingCall(tools, directReply(tools, agent, thread));
}

function passingCall({ clock }: RouteTools, reply: AskReply): OpenAiCall {
  return { name: passingAnswerName(), createdAt: clock.now(), sessionId: null, reply };
}

/** How an endpoint puts a reply. */
export interface CallAnswer {
  whole(call: OpenAiCall, reply: WholeReply): object;
  /** Streams the reply to its end, and what goes wrong on the way. */
  stream(call: OpenAiCall, writer: EventWriter, left: AbortSignal): Promise<void>;
}

/** Takes a call and answers it, whole or as the reply comes. It takes a place in the waiting room meanwhile. */
export async function answerCall(
  tools: RouteTools,
  request: Request,
  isStream: boolean,
  take: () => Promise<OpenAiCall>,
  answer: CallAnswer,
): Promise<Response> {
  const { ports, clock } = tools;
  const leave = tools.waitingRoom.enter();
  let staysOpen = false;
  try {
    const call = await take();
    const headers = headersOf(call);
    if (!isStream) {
      const reply = await call.reply(null, request.signal);
      return jsonResponse(200, answer.whole(call, reply), headers);
    }
    staysOpen = true;
    return writeEvents({
      clock,
      headers,
      write: (writer, left) => answer.stream(call, writer, left),
      onFault: ports.onFault,
      onEnd: leave,
    });
  } catch (error) {
    // Nobody reads this; it only must not be taken for a fault.
    if (request.signal.aborted) throw new OpenAiError("unavailable", "Whoever asked has left.");
    throw error;
  } finally {
    if (!staysOpen) leave();
  }
}

function headersOf({ sessionId }: OpenAiCall): Readonly<Record<string, string>> {
  return sessionId === null
    ? { "x-parlor-stored": "false" }
    : { "x-parlor-stored": "true", "x-parlor-session": sessionId };
}

/** What becomes of an error that ends a stream: whoever reads it is told, and only an unforeseen one is a fault. */
export function streamError(error: unknown, onFault: (error: unknown) => void): OpenAiError {
  if (error instanceof OpenAiError) return error;
  onFault(error);
  return new OpenAiError("internal", "The gateway met a fault; its log says which.");
}

/** The end of a stream whose beginning the stored reply does not have. */
export function repliesDiffer(): OpenAiError {
  return new OpenAiError(
    "reply_differs",
    "The turn was tried again and its stored reply differs from what was streamed. Discard that, and send the call again with the same Idempotency-Key without streaming, or read the session's transcript.",
    { mayRetry: false },
  );
}
