/** What stands in the composer of each chat: kept when another one is opened, and over a reload of the page. */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { fromStorage, toStorage } from "./tab-storage.ts";

const NAME = "unsent";

/** Texts by chat. */
export const unsentTexts: Signal<Readonly<Record<string, string>>> = signal(fromStorage(NAME));

export function keepUnsent(chat: string, text: string): void {
  const { [chat]: _, ...others } = unsentTexts.value;
  unsentTexts.value = text === "" ? others : { ...others, [chat]: text };
  toStorage(NAME, unsentTexts.value);
}
