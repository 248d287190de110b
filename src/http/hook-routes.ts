import { createSource } from "../core/source.ts";
import type { InboundEvent } from "../core/event.ts";
import { answerEvent } from "./answer-event.ts";
import { WAIT_QUERY } from "./await-answer.ts";
import { EVENT_ANSWERS, EVENT_PROBLEMS } from "./event-answer.ts";
import { deliveryEventId, senderEventId } from "./event-identity.ts";
import { HOOK_MESSAGE, SIGNAL, parseEvent } from "./message-body.ts";
import type { EventBody, HookMessageBody } from "./message-body.ts";
import { isLoopbackPeer } from "./peer.ts";
import { ProblemError } from "./problem.ts";
import { readQuery } from "./read-query.ts";
import { readBody } from "./request-body.ts";
import { pathParameter } from "./route.ts";
import type { Route, RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

/** The one hook that is not signed, for trying things out on one machine. */
const DEMO = "demo";

export function hookRoutes(tools: RouteTools): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/hooks/{name}",
      summary: "Receives an event of a webhook that is signed as Standard Webhooks say.",
      access: "own",
      query: WAIT_QUERY,
      body: HOOK_MESSAGE.or(SIGNAL),
      answers: EVENT_ANSWERS,
      problems: EVENT_PROBLEMS,
      handle: (context) => receiveHook(tools, context),
    },
  ];
}

async function receiveHook(tools: RouteTools, context: RouteContext): Promise<Response> {
  const { guard } = tools;
  const request = context.req.raw;
  const hook = pathParameter(context, "name");
  const isOpen = hook === DEMO && tools.hasDemoHook && isLoopbackPeer(context.env);
  if (isOpen) {
    guard.checkHost(request);
    guard.checkToken(request);
  }
  const bytes = await readBody(request, context.env, tools.maxBodyBytes);
  if (!isOpen && !tools.ports.verifyHook(hook, request.headers, bytes.toString("utf8"))) throw unsigned();

  const { wait } = readQuery(context, WAIT_QUERY);
  const event = toEvent(hook, request.headers.get("webhook-id"), parseEvent(HOOK_MESSAGE, request, bytes));
  return answerEvent(tools, request, event, { waitS: wait, isStream: false });
}

/** The same answer for a hook that does not exist, so that nobody can find out which ones do. */
function unsigned(): ProblemError {
  return new ProblemError(
    "unauthorized",
    "There is no hook of this name with this signature. Check the name, the secret and the clock of the sender.",
    { headers: { "www-authenticate": "StandardWebhooks" } },
  );
}

function toEvent(hook: string, webhookId: string | null, body: EventBody<HookMessageBody>): InboundEvent {
  if (body.kind === "signal") {
    const { type, from, chat, thread } = body.signal;
    // A ping that names nobody is the hook's own.
    return { kind: "signal", name: type, source: hookSource(hook, { from: from ?? hook, chat, thread }) };
  }
  const { from, text, id } = body.message;
  const ofDelivery = webhookId ? deliveryEventId(webhookId) : null;
  const eventId = id === undefined ? ofDelivery : senderEventId(from, id);
  return { kind: "message", source: hookSource(hook, body.message), eventId, text };
}

function hookSource(hook: string, at: Omit<HookMessageBody, "text" | "id">): InboundEvent["source"] {
  return createSource({
    platform: "webhook",
    account: hook,
    chatType: at.thread !== undefined ? "thread" : at.chat !== undefined ? "group" : "dm",
    chat: at.chat,
    thread: at.thread,
    user: at.from,
    chatName: at.chatName,
    userName: at.fromName,
  });
}
