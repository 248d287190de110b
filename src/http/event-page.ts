import type { StoreReader } from "../store/reader.ts";
import { EventBatch, storedItem } from "./event-batch.ts";

export interface EventPage {
  readonly batch: EventBatch;
  /** The id up to which events are no longer kept that come before this page; null when none is missing. */
  readonly gap: number | null;
  readonly isLast: boolean;
}

/** How many stored events are read at once. */
const PAGE = 200;

/** The stored events after this id, the oldest first. */
export async function readEventPage(
  reader: Pick<StoreReader, "events" | "eventRange">,
  after: number,
): Promise<EventPage> {
  const found = await reader.events({ after, limit: PAGE });
  const next = found[0]?.event.id;
  // The next number is there: nothing between can have been removed.
  const gap = next === after + 1 ? null : await gapAfter(reader, after);
  return {
    batch: new EventBatch(found.filter(({ event }) => event.id > (gap ?? after)).map(storedItem)),
    gap,
    isLast: found.length < PAGE,
  };
}

/** The id up to which events after this one are no longer kept; null when they all are. */
async function gapAfter(reader: Pick<StoreReader, "eventRange">, after: number): Promise<number | null> {
  const { first } = await reader.eventRange();
  return first > after + 1 ? first - 1 : null;
}
