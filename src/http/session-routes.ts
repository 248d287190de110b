import { z } from "zod";
import { ENTRY_DELIVERIES, deliveredEntryViews } from "./entry-delivery-view.ts";
import { ENTRY_VIEW, entryView } from "./entry-view.ts";
import { GLANCE_VIEW, glanceView } from "./glance-view.ts";
import { jsonResponse } from "./json-response.ts";
import { PAGE_QUERY, pageOf } from "./page-query.ts";
import { readQuery } from "./read-query.ts";
import { parseJson, readBody } from "./request-body.ts";
import { pathParameter } from "./route.ts";
import type { Route, RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { PATCH_BODY, RESET_ANSWER, goneSession, missingSession, resetAnswer, updateAnswer } from "./session-answer.ts";
import { SESSION_VIEW, sessionView } from "./session-view.ts";
import { validate } from "./validate.ts";

const LIST_QUERY = z.strictObject({
  ...PAGE_QUERY,
  platform: z.string().min(1).optional().describe("Only sessions of this platform."),
  live: z
    .enum(["true", "false"])
    .optional()
    .describe("true: only lives that go on; false: only ended ones. Default: both."),
  glance: z.enum(["true", "false"]).optional().describe("true: each with isBusy and lastEntry. Default: false."),
});

const SEQ_RANGE = "Expected the number of a message: a whole number";

const MESSAGES_QUERY = z.strictObject({
  ...PAGE_QUERY,
  order: z.enum(["oldest", "newest"]).optional().describe("What comes first. Default: oldest."),
  after: z
    .string()
    .regex(/^\d{1,15}$/, SEQ_RANGE)
    .transform(Number)
    .optional()
    .describe("Only messages with a higher seq."),
  deliveries: z.enum(["true", "false"]).optional().describe("true: each with deliveries. Default: false."),
});

const nextCursor = z.string().nullable().describe("For the next page; null on the last one.");

/** Stored sessions by their id. Nothing here finds or makes a draft. */
export function sessionRoutes(tools: RouteTools): readonly Route[] {
  const { sessions, reader } = tools.ports;
  return [
    {
      method: "GET",
      path: "/api/sessions",
      summary: "Stored sessions, the most recently active first.",
      access: "token",
      query: LIST_QUERY,
      answers: [
        {
          status: 200,
          summary: "A page.",
          schema: z.strictObject({ sessions: z.array(SESSION_VIEW.extend(GLANCE_VIEW)), nextCursor }),
        },
      ],
      problems: ["invalid-request", "foreign-host", "unauthorized", "unavailable"],
      handle: async (context) => {
        const { platform, live, glance, ...page } = readQuery(context, LIST_QUERY);
        const found = await reader.list({
          ...pageOf(page),
          ...(platform === undefined ? {} : { platform }),
          ...(live === undefined ? {} : { live: live === "true" }),
        });
        const glances = glance === "true" ? await reader.glance(found.items.map(({ id }) => id)) : null;
        const shown = found.items.map((session) => ({
          ...sessionView(session),
          ...(glances === null ? {} : glanceView(glances.get(session.id))),
        }));
        return jsonResponse(200, { sessions: shown, nextCursor: found.nextCursor });
      },
    },
    {
      method: "GET",
      path: "/api/sessions/{id}",
      summary: "One stored session.",
      access: "token",
      answers: [{ status: 200, summary: "The session.", schema: SESSION_VIEW }],
      problems: ["foreign-host", "unauthorized", "not-found", "gone", "unavailable"],
      handle: async (context) => {
        const found = await reader.get(idOf(context));
        if (found.outcome === "found") return jsonResponse(200, sessionView(found.session));
        throw found.outcome === "gone" ? goneSession() : missingSession();
      },
    },
    {
      method: "PATCH",
      path: "/api/sessions/{id}",
      summary: "Titles a stored session.",
      access: "token",
      body: PATCH_BODY,
      answers: [{ status: 200, summary: "The session.", schema: SESSION_VIEW }],
      problems: [
        "invalid-request",
        "foreign-host",
        "unauthorized",
        "not-found",
        "gone",
        "too-large",
        "unsupported-media-type",
        "unavailable",
      ],
      handle: async (context) => {
        const bytes = await readBody(context.req.raw, context.env, tools.maxBodyBytes);
        const patch = validate(PATCH_BODY, parseJson(context.req.raw, bytes), "body");
        return updateAnswer(await sessions.update({ sessionId: idOf(context) }, patch));
      },
    },
    {
      method: "DELETE",
      path: "/api/sessions/{id}",
      summary: "Erases a session and everything said in it.",
      access: "token",
      answers: [
        {
          status: 200,
          summary: "The receipt.",
          schema: z.strictObject({
            session: z.string(),
            messages: z.int().describe("How many entries were erased."),
            scrubbed: z.boolean().describe("false: the words leave the bytes of the database's log a little later."),
          }),
        },
      ],
      problems: ["foreign-host", "unauthorized", "not-found", "gone", "unavailable"],
      handle: async (context) => {
        const session = idOf(context);
        const erased = await sessions.erase(session);
        if (erased.outcome === "erased") {
          return jsonResponse(200, { session, messages: erased.messages, scrubbed: erased.scrubbed });
        }
        throw erased.outcome === "gone" ? goneSession() : missingSession();
      },
    },
    {
      method: "GET",
      path: "/api/sessions/{id}/messages",
      summary: "What was said in a stored session, oldest first unless order=newest.",
      access: "token",
      query: MESSAGES_QUERY,
      answers: [
        {
          status: 200,
          summary: "A page.",
          schema: z.strictObject({ messages: z.array(ENTRY_VIEW.extend(ENTRY_DELIVERIES)), nextCursor }),
        },
      ],
      problems: ["invalid-request", "foreign-host", "unauthorized", "not-found", "gone", "unavailable"],
      handle: async (context) => {
        const { order, after, deliveries, ...page } = readQuery(context, MESSAGES_QUERY);
        const id = idOf(context);
        const found = await reader.get(id);
        if (found.outcome !== "found") throw found.outcome === "gone" ? goneSession() : missingSession();
        const entries = await reader.transcript(id, {
          ...pageOf(page),
          ...(order === undefined ? {} : { newestFirst: order === "newest" }),
          ...(after === undefined ? {} : { afterSeq: after }),
        });
        const { items, nextCursor: next } = entries;
        const messages =
          deliveries === "true"
            ? deliveredEntryViews(
                items,
                await reader.entryDeliveries(
                  id,
                  items.map(({ seq }) => seq),
                ),
              )
            : items.map(entryView);
        return jsonResponse(200, { messages, nextCursor: next });
      },
    },
    {
      method: "POST",
      path: "/api/sessions/{id}/reset",
      summary: "Ends a stored session.",
      access: "token",
      answers: [{ status: 200, summary: "What was ended, and what comes next.", schema: RESET_ANSWER }],
      problems: ["foreign-host", "unauthorized", "not-found", "gone", "unavailable"],
      handle: async (context) => resetAnswer(await sessions.reset({ sessionId: idOf(context) })),
    },
  ];
}

function idOf(context: RouteContext): string {
  return pathParameter(context, "id");
}
