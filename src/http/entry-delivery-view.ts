/** What of an entry was sent, as callers see it. */
import { z } from "zod";
import { DELIVERY_STATES } from "../core/delivery.ts";
import type { Entry } from "../core/transcript.ts";
import type { EntryDelivery } from "../store/repair-store.ts";
import { entryView } from "./entry-view.ts";

/** In a list of entries that was asked for with `deliveries=true`. */
export const ENTRY_DELIVERIES: z.ZodRawShape = {
  deliveries: z
    .array(
      z.strictObject({
        id: z.string(),
        piece: z.int().describe("Which of the parts of its entry it is, from 1."),
        state: z.enum(DELIVERY_STATES),
        attempt: z.int().describe("How often it was tried."),
        remoteId: z.string().nullable().describe("The platform's id of the message; null where none is known."),
        error: z.string().nullable().describe("What the last attempt came to; null when it was sent."),
      }),
    )
    .optional()
    .describe("What was sent of it, in order; only with deliveries=true."),
};

/** Entries with what was sent of each. */
export function deliveredEntryViews(
  entries: readonly Entry[],
  deliveries: ReadonlyMap<number, readonly EntryDelivery[]>,
): readonly Readonly<Record<string, unknown>>[] {
  return entries.map((entry) => ({ ...entryView(entry), deliveries: deliveries.get(entry.seq) ?? [] }));
}
