import type { Clock } from "../lib/clock.ts";
import { type Loop, createLoop } from "../lib/loop.ts";
import type { Store } from "../store/store.ts";

/** How often what has served its time is removed, in milliseconds. */
const SWEEP_EVERY_MS = 10 * 60 * 1000;

/** A loop that sweeps the store at the start and every ten minutes. */
export function createSweeper(deps: {
  readonly store: Pick<Store, "sweep">;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}): Loop {
  const { store, clock, onFault } = deps;
  let next = clock.now();
  return createLoop({
    clock,
    step: async () => {
      await store.sweep();
      next = clock.now() + SWEEP_EVERY_MS;
    },
    nextDue: () => Promise.resolve(next),
    onFault,
    pollMs: SWEEP_EVERY_MS,
  });
}
