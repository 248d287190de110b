import { z } from "zod";
import type { StoreStats } from "../store/reader.ts";
import { jsonResponse } from "./json-response.ts";
import type { Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

const count = z.int();

const STATS = z.strictObject({
  sessions: count,
  liveSessions: count,
  emptySessions: count.describe("Sessions without content that nobody pinned: always 0, or the store is defective."),
  entries: count,
  emptySessionsAvoided: count.describe(
    "Conversations that sent only signals since this process started, for which no session was stored.",
  ),
  received: z
    .strictObject({
      signal: count,
      duplicate: count,
      rejected: count,
      command: count,
      failed: count,
      accepted: count,
    })
    .describe("Events received since this process started, by what became of them."),
});

/** What is stored, beside what was received. */
export function statsRoutes({ ports }: RouteTools): readonly Route[] {
  // Counting takes the longer the more is stored: those who ask meanwhile share the next count, so that
  // none of them misses what was stored before it asked.
  let counting: Promise<unknown> = Promise.resolve();
  let next: Promise<StoreStats> | null = null;
  const countAgain = (): Promise<StoreStats> => {
    next = null;
    const counted = ports.reader.stats();
    counting = counted.catch(() => null);
    return counted;
  };
  const stats = (): Promise<StoreStats> => (next ??= counting.then(countAgain));

  return [
    {
      method: "GET",
      path: "/api/stats",
      summary: "How much is stored, and what this process has received and not stored.",
      access: "token",
      answers: [{ status: 200, summary: "The numbers.", schema: STATS }],
      problems: ["foreign-host", "unauthorized", "unavailable"],
      handle: async () => {
        const { sessions, liveSessions, emptySessions, entries } = await stats();
        return jsonResponse(200, { sessions, liveSessions, emptySessions, entries, ...ports.counts() });
      },
    },
  ];
}
