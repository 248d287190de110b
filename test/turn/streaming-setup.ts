/** Turns whose replies are shown while they are written, and the outbox that sends them in full. */
import type { Outbox } from "../../src/outbox/outbox.ts";
import { createFakePlatform, type FakePlatform, type FakePlatformOptions } from "../../src/testing/fake-platform.ts";
import type { FakeAgentScript, FakeAgentStep } from "../../src/testing/fake-agent.ts";
import { createOutboxUnderTest } from "../outbox/outbox-under-test.ts";
import { eventually, passTime } from "./eventually.ts";
import { type TurnSetup, type TurnSetupOptions, setUpTurns } from "./turn-setup.ts";

export interface StreamingSetup extends TurnSetup {
  readonly platform: FakePlatform;
  readonly outbox: Outbox;
  /** What people see, in the order of the messages. */
  seen(): string[];
  /** Lets time pass in steps, and everything go on that then may. */
  pass(ms: number): Promise<void>;
  /** Sends what waits until nothing does. */
  deliver(): Promise<void>;
}

export const INTERVAL_MS = 1_500;

/** Starts the runner; the outbox begins with `deliver`. */
export async function setUpStreaming(
  setup: TurnSetupOptions & { readonly platformOptions?: FakePlatformOptions } = {},
): Promise<StreamingSetup> {
  const platform = createFakePlatform({
    name: "test",
    idempotent: false,
    intervalMs: INTERVAL_MS,
    ...setup.platformOptions,
  });
  const rig = await setUpTurns({ ...setup, platform });
  const { store, clock, telemetry } = rig;
  const { outbox, close } = createOutboxUnderTest({ store, platform, telemetry, clock });
  rig.runner.start();
  return {
    ...rig,
    platform,
    outbox,
    seen: () => Array.from(platform.shown.values()),
    pass: (ms) => passTime(clock, ms, 50),
    deliver: async () => {
      outbox.start();
      outbox.wake();
      await eventually(async () => {
        clock.advance(100);
        const { deliveries } = await store.reader.stats();
        return deliveries.pending + deliveries.sending === 0;
      });
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      await rig[Symbol.asyncDispose]();
    },
  };
}

/** An agent's script that goes on when it is told to. */
export interface Told {
  readonly script: FakeAgentScript;
  /** Goes on with the next step. */
  next(): void;
}

/** Each step after the first begins when it is told to. */
export function told(...steps: readonly FakeAgentStep[]): Told {
  const gates = steps.map(() => Promise.withResolvers<void>());
  let at = 1;
  return {
    script: steps.flatMap((step, index) =>
      index === 0 ? [step] : [{ wait: gates[index]?.promise ?? Promise.resolve() }, step],
    ),
    next: () => gates[at++]?.resolve(),
  };
}
