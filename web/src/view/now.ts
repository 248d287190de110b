import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

const TICK_MS = 30_000;

/** The time that ages are counted from. */
export const now: Signal<number> = signal(Date.now());

setInterval(() => (now.value = Date.now()), TICK_MS);
