/**
 * The part of a transcript that is loaded: entries without a gap between them, oldest first. Entries are
 * numbered 1, 2, 3 … without gaps, so what is before and behind it follows from the numbers alone.
 */
import type { EntryView } from "../api/views.ts";

export interface TranscriptWindow {
  readonly entries: readonly EntryView[];
  /** Whether the newest entry is in it; entries that come are then added. */
  readonly isAtEnd: boolean;
}

/** How many entries are asked for at once. */
export const WINDOW_STEP = 50;

export const EMPTY_WINDOW: TranscriptWindow = { entries: [], isAtEnd: true };

export function firstSeq({ entries }: TranscriptWindow): number {
  return entries[0]?.seq ?? 1;
}

export function lastSeq({ entries }: TranscriptWindow): number {
  return entries.at(-1)?.seq ?? 0;
}

/** With the newest entries; without the older ones when something between them is not loaded. */
export function withNewest(window: TranscriptWindow, newest: readonly EntryView[]): TranscriptWindow {
  const [first] = newest;
  const isJoined = first !== undefined && first.seq <= lastSeq(window) + 1;
  return { entries: isJoined ? merge(window.entries, newest) : newest, isAtEnd: true };
}

/** With entries that join on at either side, or say anew what is there. */
export function withPage(window: TranscriptWindow, page: readonly EntryView[]): TranscriptWindow {
  return { ...window, entries: merge(window.entries, page) };
}

/** With the page behind the last entry; a page that is not full is the end. */
export function withLater(window: TranscriptWindow, page: readonly EntryView[]): TranscriptWindow {
  return { entries: merge(window.entries, page), isAtEnd: page.length < WINDOW_STEP };
}

/** What to ask for to get the entries before the first: those after `after`, `limit` of them. */
export function earlierPage(window: TranscriptWindow): { readonly after: number; readonly limit: number } {
  const before = firstSeq(window) - 1;
  const limit = Math.min(WINDOW_STEP, before);
  return { after: before - limit, limit };
}

function merge(entries: readonly EntryView[], page: readonly EntryView[]): readonly EntryView[] {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
  for (const entry of page) bySeq.set(entry.seq, entry);
  return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
}

/**
 * In the order they make sense in: a message that came while a reply was written has a lower number than
 * that reply and is shown behind it. What an interrupted reply had said stands before the message that
 * interrupted it.
 */
export function inReadingOrder(entries: readonly EntryView[]): readonly EntryView[] {
  const lastInput = new Map<string, number>();
  for (const { turn, role, seq } of entries) {
    if (turn !== null && role === "user") lastInput.set(turn, Math.max(seq, lastInput.get(turn) ?? 0));
  }
  const place = ({ role, turn, seq, follows }: EntryView): number => {
    if (follows !== null) return follows;
    return role === "user" || turn === null ? seq : (lastInput.get(turn) ?? seq);
  };
  return entries.toSorted((a, b) => place(a) - place(b) || a.seq - b.seq);
}
