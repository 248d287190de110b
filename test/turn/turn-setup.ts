import assert from "node:assert/strict";
import type { BusyRules } from "../../src/core/busy-policy.ts";
import type { Entry } from "../../src/core/transcript.ts";
import { splitText } from "../../src/platform/split-text.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { AcceptOutcome, Store } from "../../src/store/store.ts";
import type { StoreOptions } from "../../src/store/options.ts";
import { createFakeAgent, type FakeAgent } from "../../src/testing/fake-agent.ts";
import type { FakePlatform } from "../../src/testing/fake-platform.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { createLive, type Live } from "../../src/turn/live.ts";
import { createTurnRunner, type TurnOptions, type TurnRunner } from "../../src/turn/turn-runner.ts";
import { createRecordingTelemetry, type RecordingTelemetry } from "./recording-telemetry.ts";

export const OPTIONS: TurnOptions = {
  concurrency: 4,
  leaseMs: 30_000,
  maxAttempts: 3,
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  maxMessages: 20,
  maxAgeMs: 3_600_000,
  transcriptLimit: 50,
  hasRetryCommand: true,
};

export interface TurnSetup extends AsyncDisposable {
  readonly store: Store;
  readonly agent: FakeAgent;
  readonly clock: ManualClock;
  readonly live: Live;
  readonly telemetry: RecordingTelemetry;
  readonly runner: TurnRunner;
  /** Stores a message of this person and tells the runner. */
  say(text: string, user?: string): Promise<Said>;
  /** The transcript of a session, as `role: text`. */
  transcript(sessionId: string): Promise<string[]>;
  /** The state of a session's messages, in order. */
  states(sessionId: string): Promise<Entry["state"][]>;
  /** How the attempts so far have ended, in order. */
  outcomes(): string[];
}

export type Said = Extract<AcceptOutcome, { readonly outcome: "accepted" }>;

export interface TurnSetupOptions {
  readonly options?: Partial<TurnOptions>;
  readonly store?: StoreOptions;
  /** Stands between the runner and the store. */
  readonly wrap?: (store: Store) => Store;
  readonly delivers?: boolean;
  /** Where replies are sent, and shown while they are written. */
  readonly platform?: FakePlatform;
  readonly onCommitted?: () => void;
  /** How many entries the agent wants to be shown. */
  readonly transcriptLimit?: number;
  /** The policies that the runner knows of. */
  readonly busy?: BusyRules;
}

/** A runner over a store in memory, with an agent that does as it is told and a clock that stands still. */
export async function setUpTurns(setup: TurnSetupOptions = {}): Promise<TurnSetup> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock, ...setup.store });
  const agent = createFakeAgent();
  const telemetry = createRecordingTelemetry();
  const { platform } = setup;
  const live = createLive({ onFault: (error) => telemetry.faulted({ where: "live", error }) });
  const runner = createTurnRunner({
    store: setup.wrap?.(store) ?? store,
    agentFor: () =>
      setup.transcriptLimit === undefined ? agent : { ...agent, transcriptLimit: setup.transcriptLimit },
    telemetry,
    clock,
    live,
    node: "node-1",
    options: { ...OPTIONS, ...setup.options },
    ...(setup.busy === undefined ? {} : { busy: setup.busy }),
    ...(setup.onCommitted === undefined ? {} : { onCommitted: setup.onCommitted }),
    ...(platform?.streaming === undefined
      ? {}
      : { streaming: () => ({ ...platform, streaming: platform.streaming ?? assert.fail() }) }),
    pieces: (_source, text) =>
      platform === undefined ? (setup.delivers === true ? [text] : []) : splitText(text, platform.maxLength ?? 4_096),
  });
  const entries = async (sessionId: string): Promise<readonly Entry[]> =>
    (await store.reader.transcript(sessionId, { limit: 200 })).items;
  return {
    store,
    agent,
    clock,
    live,
    telemetry,
    runner,
    say: async (text, user = "ada") => {
      const accepted = await store.accept(messageOf(text, { source: sourceOf({ user }) }));
      if (accepted.outcome !== "accepted") throw new Error(`expected "accepted", found "${accepted.outcome}"`);
      runner.newer(accepted.session.id);
      return accepted;
    },
    transcript: async (id) => (await entries(id)).map(({ role, text }) => `${role}: ${text}`),
    states: async (id) => (await entries(id)).filter(({ role }) => role === "user").map(({ state }) => state),
    outcomes: () => telemetry.of("turnEnded").map(([turn]) => turn.outcome),
    [Symbol.asyncDispose]: async () => {
      const stopped = runner.stop({ drainMs: 0 });
      clock.advance(60_000);
      await stopped;
      await store[Symbol.asyncDispose]();
    },
  };
}
