import type { Telemetry } from "../../src/telemetry/telemetry.ts";

/** One call of a telemetry function, such as `["turnEnded", { … }]`. */
export type Recorded = { [Name in keyof Telemetry]: readonly [Name, ...Parameters<Telemetry[Name]>] }[keyof Telemetry];

/** A telemetry that remembers what it was told. */
export interface RecordingTelemetry extends Telemetry {
  readonly calls: readonly Recorded[];
  /** What one function was told, in order. */
  of<Name extends keyof Telemetry>(name: Name): Parameters<Telemetry[Name]>[];
}

export function createRecordingTelemetry(): RecordingTelemetry {
  const calls: Recorded[] = [];
  const record =
    <Name extends keyof Telemetry>(name: Name) =>
    (...args: Parameters<Telemetry[Name]>): void =>
      void calls.push([name, ...args] as unknown as Recorded);
  return {
    calls,
    of: <Name extends keyof Telemetry>(name: Name) =>
      calls.filter(([called]) => called === name).map(([, ...args]) => args as unknown as Parameters<Telemetry[Name]>),
    inbound: record("inbound"),
    emptySessionAvoided: record("emptySessionAvoided"),
    isCountedAvoided: () => false,
    sessionOpened: record("sessionOpened"),
    sessionEnded: record("sessionEnded"),
    sessionErased: record("sessionErased"),
    cancelled: record("cancelled"),
    turnRetried: record("turnRetried"),
    turnStarted: record("turnStarted"),
    withinTurn: (_turn, run) => run(),
    turnEnded: record("turnEnded"),
    firstToken: record("firstToken"),
    toolCalled: record("toolCalled"),
    tokensUsed: record("tokensUsed"),
    questionAsked: record("questionAsked"),
    questionEnded: record("questionEnded"),
    withinDelivery: (_delivery, run) => run(),
    deliverySettled: record("deliverySettled"),
    leaseLost: record("leaseLost"),
    started: record("started"),
    stopped: record("stopped"),
    hookSettled: record("hookSettled"),
    faulted: record("faulted"),
  };
}
