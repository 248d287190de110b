/** What was looked for, and what was found. A newer question ends the one before. */
import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { failureText } from "../api/api-failure.ts";
import { searchEntries } from "../api/session-calls.ts";
import type { SearchHit } from "../api/views.ts";

export interface Search {
  /** What stands in the field. */
  readonly text: Signal<string>;
  /** Null while nothing is looked for, or the first answer has not come. */
  readonly hits: Signal<readonly SearchHit[] | null>;
  readonly nextCursor: Signal<string | null>;
  readonly problem: Signal<string | null>;
  ask(text: string): void;
  more(): Promise<void>;
  clear(): void;
}

const PAUSE_MS = 180;

export function createSearch(): Search {
  const text = signal("");
  const hits = signal<readonly SearchHit[] | null>(null);
  const nextCursor = signal<string | null>(null);
  const problem = signal<string | null>(null);
  let asking = new AbortController();
  let timer = 0;

  const load = async (cursor: string | null): Promise<void> => {
    asking.abort();
    const mine = (asking = new AbortController());
    try {
      const found = await searchEntries(text.value.trim(), cursor, mine.signal);
      batch(() => {
        hits.value = cursor === null ? found.hits : [...(hits.value ?? []), ...found.hits];
        nextCursor.value = found.nextCursor;
        problem.value = null;
      });
    } catch (error) {
      if (!mine.signal.aborted) problem.value = failureText(error);
    }
  };

  const set = (given: string): void => {
    clearTimeout(timer);
    asking.abort();
    batch(() => {
      text.value = given;
      problem.value = null;
      if (given.trim() === "") hits.value = nextCursor.value = null;
    });
  };

  return {
    text,
    hits,
    nextCursor,
    problem,
    ask(given) {
      set(given);
      if (given.trim() !== "") timer = window.setTimeout(() => void load(null), PAUSE_MS);
    },
    more: () => (nextCursor.value === null ? Promise.resolve() : load(nextCursor.value)),
    clear: () => set(""),
  };
}
