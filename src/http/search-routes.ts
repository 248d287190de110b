import { z } from "zod";
import type { SearchHit } from "../store/reader.ts";
import { jsonResponse } from "./json-response.ts";
import { PAGE_QUERY, pageOf } from "./page-query.ts";
import { readQuery } from "./read-query.ts";
import type { Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

const SEARCH_QUERY = z.strictObject({
  ...PAGE_QUERY,
  q: z
    .string()
    .min(1)
    .max(1_000)
    .describe('Words that all stand in an entry; "several words" stand together; word* finds longer ones.'),
});

const HIT_VIEW = z.strictObject({
  session: z.string(),
  seq: z.int(),
  role: z.enum(["user", "assistant", "notice"]),
  createdAt: z.int().describe("Epoch milliseconds."),
  snippet: z.string(),
  highlights: z
    .array(z.strictObject({ start: z.int(), end: z.int() }))
    .describe("Where the words stand in the snippet: UTF-16 offsets, end exclusive."),
});

const HITS = z.strictObject({ hits: z.array(HIT_VIEW), nextCursor: z.string().nullable() });

export function searchRoutes({ ports: { reader } }: RouteTools): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/search",
      summary: "Finds what was said, newest first.",
      access: "token",
      query: SEARCH_QUERY,
      answers: [{ status: 200, summary: "A page.", schema: HITS }],
      problems: ["invalid-request", "foreign-host", "unauthorized", "unavailable"],
      handle: async (context) => {
        const { q, ...page } = readQuery(context, SEARCH_QUERY);
        const found = await reader.search({ text: q, ...pageOf(page) });
        return jsonResponse(200, { hits: found.items.map(hitView), nextCursor: found.nextCursor });
      },
    },
  ];
}

function hitView({ sessionId, ...hit }: SearchHit): object {
  return { session: sessionId, ...hit };
}
