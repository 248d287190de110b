import { Registry } from "prom-client";
import { SIGNAL_NAMES } from "../core/event.ts";
import type { Clock } from "../lib/clock.ts";
import { createAvoidedSessions } from "./avoided-sessions.ts";
import { createFaultLog } from "./fault-log.ts";
import { createLabelBound } from "./label-bound.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import type { InboundOutcome, Telemetry } from "./telemetry.ts";

/** What one process has counted since its start. */
export interface TelemetryCounts {
  /** Events, by what became of them. */
  readonly received: Readonly<Record<InboundOutcome, number>>;
  /** Conversations that sent only signals, for which no session was stored. */
  readonly emptySessionsAvoided: number;
}

export interface MeasuredTelemetry extends Telemetry {
  counts(): TelemetryCounts;
  /** Everything counted so far, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** The media type of `metrics()`. */
  readonly contentType: string;
}

const MOST_PLATFORMS = 32;
const MOST_PLACES = 32;
const MOST_RESETS = 8;
const MOST_DETAIL = 200;

/** Counts each business event and writes one log line about it, with ids and without content. */
export function createTelemetry(options: { readonly log: Log; readonly clock: Clock }): MeasuredTelemetry {
  const { log, clock } = options;
  const registry = new Registry();
  const avoided = createAvoidedSessions();
  const metrics = createMetrics(registry, avoided);
  const platformLabel = createLabelBound(MOST_PLATFORMS);
  const resetLabel = createLabelBound(MOST_RESETS);
  const placeLabel = createLabelBound(MOST_PLACES);
  const logFault = createFaultLog(log, clock);
  const received = { signal: 0, duplicate: 0, rejected: 0, command: 0, failed: 0, accepted: 0 };

  return {
    inbound: (outcome, { platform, detail, sessionId, seq }) => {
      metrics.events.inc({ outcome });
      received[outcome] += 1;
      if (outcome === "signal") metrics.signals.inc({ name: signalLabel(detail) });
      log[inboundLevel(outcome)](
        { outcome, platform, detail: detail?.slice(0, MOST_DETAIL), sessionId, seq },
        "event received",
      );
    },
    emptySessionAvoided: (key) => {
      avoided.signalled(key);
      log.trace("empty session avoided");
    },
    isCountedAvoided: (key) => avoided.has(key),
    sessionOpened: (key, { sessionId, platform, reset }) => {
      avoided.opened(key);
      metrics.sessionsOpened.inc({ platform: platformLabel(platform), reset: resetLabel(reset ?? "none") });
      log.info({ sessionId, platform, reset }, "session opened");
    },
    turnStarted: ({ waitedMs, ...turn }) => {
      metrics.turnWait.observe(Math.max(0, waitedMs) / 1000);
      log.debug({ ...turn, waitedMs: Math.round(waitedMs) }, "turn started");
    },
    turnEnded: ({ outcome, ranMs, ...turn }) => {
      metrics.turns.inc({ outcome });
      metrics.turnRun.observe(Math.max(0, ranMs) / 1000);
      log[outcome === "dead" ? "error" : outcome === "retrying" ? "warn" : "info"](
        { outcome, ranMs: Math.round(ranMs), ...turn },
        "turn ended",
      );
    },
    firstToken: ({ afterMs, ...turn }) => {
      metrics.turnFirstToken.observe(Math.max(0, afterMs) / 1000);
      log.debug({ ...turn, afterMs: Math.round(afterMs) }, "first token");
    },
    deliverySettled: (delivery) => {
      metrics.deliveries.inc({ platform: platformLabel(delivery.platform), state: delivery.state });
      log[delivery.state === "sent" ? "info" : "warn"](delivery, "delivery settled");
    },
    hookSettled: (hook) => {
      metrics.hooks.inc({ outcome: hook.outcome });
      log[hook.outcome === "done" ? "debug" : "warn"](hook, "hook settled");
    },
    faulted: ({ where, error }) => {
      metrics.faults.inc({ where: placeLabel(where) });
      logFault(placeLabel(where), error);
    },
    counts: () => ({ received: { ...received }, emptySessionsAvoided: avoided.count().keys }),
    metrics: async () => `${await registry.metrics()}\n${await processMetrics().metrics()}`,
    contentType: registry.contentType,
  };
}

function inboundLevel(outcome: InboundOutcome): "debug" | "warn" {
  return outcome === "failed" ? "warn" : "debug";
}

function signalLabel(name: string | undefined): string {
  return SIGNAL_NAMES.find((known) => known === name) ?? "other";
}
