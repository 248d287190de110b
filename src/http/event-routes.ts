import { z } from "zod";
import { MAX_ID_LENGTH } from "../core/source.ts";
import { chatSource } from "./chat-source.ts";
import { EVERY_SESSION, chatFilter, sessionFilter } from "./event-filter.ts";
import type { EventFilter } from "./event-filter.ts";
import { EVENT_STREAM_HEADERS } from "./event-lines.ts";
import { ProblemError } from "./problem.ts";
import { readQuery } from "./read-query.ts";
import type { Route, RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { goneSession, missingSession } from "./session-answer.ts";

const EVENT_ID = /^\d{1,15}$/;
const ID_RANGE = "Expected the id of an event: a whole number";

type Optional<T> = z.ZodType<T | undefined>;

const EVENTS_QUERY: z.ZodObject<{
  session: Optional<string>;
  chat: Optional<string>;
  from: Optional<string>;
  replies: Optional<"on" | "off">;
  after: Optional<string>;
}> = z
  .strictObject({
    session: z.string().min(1).max(MAX_ID_LENGTH).optional().describe("Only this stored session."),
    chat: z
      .string()
      .min(1)
      .max(MAX_ID_LENGTH)
      .optional()
      .describe("With from: only this conversation, also before its first word and through all its lives."),
    from: z.string().min(1).max(MAX_ID_LENGTH).optional().describe("The person whose conversation it is."),
    replies: z.enum(["on", "off"]).optional().describe("off: nothing of replies while they are made. Default: on."),
    after: z
      .string()
      .regex(EVENT_ID, ID_RANGE)
      .optional()
      .describe("Begin after the event with this id. The header Last-Event-ID counts more. Default: from now on."),
  })
  .refine(({ chat, from }) => (chat === undefined) === (from === undefined), {
    path: ["from"],
    message: "Expected chat and from together",
  })
  .refine(({ session, chat }) => session === undefined || chat === undefined, {
    path: ["session"],
    message: "Expected either session or chat",
  });

/** What happens, as it happens. */
export function eventRoutes(tools: RouteTools): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/events",
      summary: "What happens, as server-sent events: everything, or one session or chat. Last-Event-ID resumes.",
      access: "token",
      query: EVENTS_QUERY,
      answers: [
        {
          status: 200,
          summary: "The stored events session:* and turn:*, and message:accept and reply:* as they happen.",
          mediaType: "text/event-stream",
        },
      ],
      problems: [
        "invalid-request",
        "foreign-host",
        "unauthorized",
        "not-found",
        "gone",
        "too-many-readers",
        "unavailable",
      ],
      handle: (context) => openEventStream(tools, context),
    },
  ];
}

async function openEventStream({ ports }: RouteTools, context: RouteContext): Promise<Response> {
  const query = readQuery(context, EVENTS_QUERY);
  const stream = await ports.events.open({
    after: afterOf(context.req.header("last-event-id"), query.after),
    replies: query.replies !== "off",
    findFilter: () => findFilter(ports, query),
    disconnect: () => void context.env.incoming?.socket.destroy(),
  });
  return new Response(stream, { status: 200, headers: EVENT_STREAM_HEADERS });
}

/** A browser that comes back sends the header, and the address it was first given beside it. */
function afterOf(header: string | undefined, query: string | undefined): number | null {
  const given = header === undefined || header === "" ? query : header;
  if (given === undefined) return null;
  if (EVENT_ID.test(given)) return Number(given);
  const [path, message] = ["header.last-event-id", ID_RANGE];
  throw new ProblemError("invalid-request", `${path}: ${message}`, { errors: [{ path, message }] });
}

async function findFilter(
  { reader, look }: Pick<RouteTools["ports"], "reader" | "look">,
  { session, chat, from }: z.infer<typeof EVENTS_QUERY>,
): Promise<EventFilter> {
  if (session !== undefined) {
    const { outcome } = await reader.get(session);
    if (outcome !== "found") throw outcome === "gone" ? goneSession() : missingSession();
    return sessionFilter(session);
  }
  if (chat === undefined || from === undefined) return EVERY_SESSION;
  return chatFilter(await look(chatSource(chat, from)));
}
