import { z } from "zod";
import { MAX_ID_LENGTH } from "../core/source.ts";
import type { Source } from "../core/source.ts";
import { CHAT_MESSAGE, SIGNAL } from "./message-body.ts";
import { WAIT_QUERY } from "./await-answer.ts";
import { postMessage } from "./chat-message.ts";
import { chatSource } from "./chat-source.ts";
import { EVENT_ANSWERS, EVENT_PROBLEMS } from "./event-answer.ts";
import { jsonResponse } from "./json-response.ts";
import { readQuery } from "./read-query.ts";
import { readBody, parseJson } from "./request-body.ts";
import { pathParameter } from "./route.ts";
import type { Route, RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { PATCH_BODY, RESET_ANSWER, resetAnswer, updateAnswer } from "./session-answer.ts";
import { SESSION_VIEW, sessionView } from "./session-view.ts";
import { validate } from "./validate.ts";

const FROM_QUERY = z.strictObject({
  from: z.string().min(1).max(MAX_ID_LENGTH).describe("The id of the person whose conversation it is."),
});

/** Conversations by their address: the same before and after the first word. */
export function chatRoutes(tools: RouteTools): readonly Route[] {
  const { ports } = tools;
  return [
    {
      method: "POST",
      path: "/api/chats/{chat}/messages",
      summary: "Says something in a chat. With Accept: text/event-stream the reply is streamed.",
      access: "token",
      query: WAIT_QUERY,
      body: CHAT_MESSAGE.or(SIGNAL),
      answers: [
        ...EVENT_ANSWERS,
        {
          status: 200,
          summary: "The events accepted, start, text, tool, question, answer, interrupted and end.",
          mediaType: "text/event-stream",
        },
      ],
      problems: EVENT_PROBLEMS,
      handle: (context) => postMessage(tools, context),
    },
    {
      method: "GET",
      path: "/api/chats/{chat}/session",
      summary: "The session that a message would go to, draft or stored.",
      access: "token",
      query: FROM_QUERY,
      answers: [{ status: 200, summary: "The session.", schema: SESSION_VIEW }],
      problems: ["invalid-request", "foreign-host", "unauthorized", "unavailable"],
      handle: async (context) => jsonResponse(200, sessionView(await ports.look(sourceOf(context)))),
    },
    {
      method: "PATCH",
      path: "/api/chats/{chat}/session",
      summary: "Titles the session that a message would go to. A draft keeps its title for a day.",
      access: "token",
      query: FROM_QUERY,
      body: PATCH_BODY,
      answers: [{ status: 200, summary: "The session.", schema: SESSION_VIEW }],
      problems: [
        "invalid-request",
        "foreign-host",
        "unauthorized",
        "too-large",
        "unsupported-media-type",
        "unavailable",
      ],
      handle: async (context) => {
        const source = sourceOf(context);
        const bytes = await readBody(context.req.raw, context.env, tools.maxBodyBytes);
        const patch = validate(PATCH_BODY, parseJson(context.req.raw, bytes), "body");
        return updateAnswer(await ports.sessions.update({ source }, patch));
      },
    },
    {
      method: "POST",
      path: "/api/chats/{chat}/reset",
      summary: "Ends the session of a chat. Of a draft: nothing happens.",
      access: "token",
      query: FROM_QUERY,
      answers: [{ status: 200, summary: "What was ended, and what comes next.", schema: RESET_ANSWER }],
      problems: ["invalid-request", "foreign-host", "unauthorized", "unavailable"],
      handle: async (context) => resetAnswer(await ports.sessions.reset({ source: sourceOf(context) })),
    },
  ];
}

function sourceOf(context: RouteContext): Source {
  const { from } = readQuery(context, FROM_QUERY);
  return chatSource(pathParameter(context, "chat"), from);
}
