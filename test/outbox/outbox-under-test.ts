import { createOutbox, type Outbox, type OutboxDeps, type OutboxOptions } from "../../src/outbox/outbox.ts";
import type { Platform } from "../../src/platform/platform.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { settle } from "../turn/eventually.ts";
import type { RecordingTelemetry } from "../turn/recording-telemetry.ts";

const OPTIONS: OutboxOptions = {
  leaseMs: 60_000,
  maxAttempts: 3,
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  concurrency: 4,
};

export interface OutboxUnderTest {
  readonly outbox: Outbox;
  /** What became of every attempt so far, such as `sent 1`. */
  settled(): string[];
  /** Stops it, whatever is on its way. */
  close(): Promise<void>;
}

/** The outbox of one platform, on a clock that stands still. */
export function createOutboxUnderTest(deps: {
  readonly store: OutboxDeps["store"];
  readonly platform: Platform;
  readonly telemetry: RecordingTelemetry;
  readonly clock: ManualClock;
  readonly options?: Partial<OutboxOptions> | undefined;
}): OutboxUnderTest {
  const { store, platform, telemetry, clock } = deps;
  const options = { ...OPTIONS, ...deps.options };
  const outbox = createOutbox({ store, platforms: [platform], telemetry, clock, node: "node-1", options });
  return {
    outbox,
    settled: () => telemetry.of("deliverySettled").map(([{ state, attempt }]) => `${state} ${attempt}`),
    close: async () => {
      const stopped = outbox.stop({ drainMs: 0 });
      await settle();
      clock.advance(10_000);
      await stopped;
    },
  };
}
