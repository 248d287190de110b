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
  // By the clock that never jumps: a sweep also sets right what the other one has done by jumping.
  let next = clock.monotonic();
  return createLoop({
    clock,
    step: async () => {
      await store.sweep();
      next = clock.monotonic() + SWEEP_EVERY_MS;
    },
    nextDue: () => Promise.resolve(clock.now() + next - clock.monotonic()),
    onFault,
    pollMs: SWEEP_EVERY_MS,
  });
}
