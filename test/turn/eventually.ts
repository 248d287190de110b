import { setImmediate as nextTick } from "node:timers/promises";
import type { ManualClock } from "../../src/testing/manual-clock.ts";

/** How many turns of the event loop something may take that needs no time to pass. */
const PATIENCE = 2_000;

/** Waits, without any time passing on a manual clock, until the check answers with something. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let tick = 0; tick < PATIENCE; tick += 1) {
    const found = await check();
    if (found !== false && found !== null && found !== undefined) return found;
    await nextTick();
  }
  throw new Error(`It has not come about: ${check.toString()}`);
}

/** Lets everything go on that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let tick = 0; tick < 30; tick += 1) await nextTick();
}

/** Lets time pass in steps, and everything go on that then may. */
export async function passTime(clock: ManualClock, ms: number, stepMs: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(left, stepMs));
    await settle();
  }
}
