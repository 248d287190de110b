import type { InboundEvent } from "../core/event.ts";
import { answerEvent } from "./answer-event.ts";
import { WAIT_QUERY } from "./await-answer.ts";
import { chatSource } from "./chat-source.ts";
import { senderEventId } from "./event-identity.ts";
import { CHAT_MESSAGE, parseEvent } from "./message-body.ts";
import type { ChatMessageBody, EventBody } from "./message-body.ts";
import { readQuery } from "./read-query.ts";
import { readBody } from "./request-body.ts";
import { pathParameter } from "./route.ts";
import type { RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

/** Takes what was said in a chat. */
export async function postMessage(tools: RouteTools, context: RouteContext): Promise<Response> {
  const request = context.req.raw;
  const chat = pathParameter(context, "chat");
  const { wait } = readQuery(context, WAIT_QUERY);
  const isStream = request.headers.get("accept")?.includes("text/event-stream") ?? false;
  const bytes = await readBody(request, context.env, tools.maxBodyBytes);
  const event = toEvent(chat, parseEvent(CHAT_MESSAGE, request, bytes));
  return answerEvent(tools, request, event, { waitS: wait, isStream });
}

function toEvent(chat: string, body: EventBody<ChatMessageBody>): InboundEvent {
  if (body.kind === "signal") {
    const { type, from } = body.signal;
    // A ping that names nobody is the chat's own.
    return { kind: "signal", name: type, source: chatSource(chat, from ?? chat) };
  }
  const { from, text, id, fromName } = body.message;
  const eventId = id === undefined ? null : senderEventId(from, id);
  return { kind: "message", source: chatSource(chat, from, fromName), eventId, text };
}
