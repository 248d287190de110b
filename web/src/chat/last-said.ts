/** What was said last on this page, which a redelivery delivers again: also after a reload. */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { fromStorage, toStorage } from "../tab-storage.ts";

/** A stored message, and all it takes to deliver it again. */
export interface Said {
  readonly chat: string;
  readonly from: string;
  readonly id: string;
  readonly text: string;
}

const NAME = "said";

/** Null before the first message. */
export const lastSaid: Signal<Said | null> = signal(stored());

export function rememberSaid(said: Said): void {
  lastSaid.value = said;
  toStorage(NAME, said);
}

function stored(): Said | null {
  const { chat, from, id, text } = fromStorage(NAME);
  if (chat === undefined || from === undefined || id === undefined || text === undefined) return null;
  return { chat, from, id, text };
}
