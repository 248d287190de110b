/** What a list shows of a session besides its fields, as callers see it. */
import { z } from "zod";
import type { Glance } from "../store/reader.ts";

/** Fields of a session in a list that was asked for them. */
export const GLANCE_VIEW: z.ZodRawShape = {
  isBusy: z.boolean().optional().describe("With glance=true: whether a message waits for its answer, or is answered."),
  lastEntry: z
    .strictObject({ role: z.enum(["user", "assistant", "notice"]), text: z.string(), createdAt: z.int() })
    .nullable()
    .optional()
    .describe("With glance=true: what was said last, at most 200 characters of it; null where nothing was."),
};

/** A session that was erased after it was listed has nothing to show. */
export function glanceView(glance: Glance | undefined): Glance {
  return glance ?? { isBusy: false, lastEntry: null };
}
