import { Registry } from "prom-client";
import { SIGNAL_NAMES } from "../core/event.ts";
import { wholeTokens } from "../core/whole-tokens.ts";
import type { Clock } from "../lib/clock.ts";
import type { Backlog } from "../store/reader.ts";
import { createAvoidedSessions } from "./avoided-sessions.ts";
import { backlogMetrics } from "./backlog-metrics.ts";
import { createFaultLog } from "./fault-log.ts";
import { createLabelBound } from "./label-bound.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import { createSpans, type Spans } from "./spans.ts";
import type { InboundOutcome, Telemetry, TurnFacts } from "./telemetry.ts";

/** What one process has counted since its start. */
export interface TelemetryCounts {
  /** Events, by what became of them. */
  readonly received: Readonly<Record<InboundOutcome, number>>;
  /** Conversations that sent only signals, for which no session was stored. */
  readonly emptySessionsAvoided: number;
}

export interface MeasuredTelemetry extends Telemetry, Pick<Spans, "accept"> {
  counts(): TelemetryCounts;
  /**
   * Everything counted so far, in the text format of Prometheus, and what there is to do. A store that cannot be
   * read is a fault, and costs no more than that part.
   */
  metrics(backlog?: () => Promise<Backlog>): Promise<string>;
  /** The media type of `metrics()`. */
  readonly contentType: string;
}

const MOST_PLATFORMS = 32;
const MOST_PLACES = 32;
const MOST_RESETS = 8;
const MOST_MODELS = 16;
const MOST_DETAIL = 200;

/** Counts each business event and writes one log line about it, with ids and without content. */
export function createTelemetry(options: { readonly log: Log; readonly clock: Clock }): MeasuredTelemetry {
  const { log, clock } = options;
  const registry = new Registry();
  const avoided = createAvoidedSessions();
  const metrics = createMetrics(registry, avoided);
  const platformLabel = createLabelBound(MOST_PLATFORMS);
  const modelLabel = createLabelBound(MOST_MODELS);
  const spans = createSpans();
  /** By attempt: the tools that an agent has called and that have not come to an end. */
  const openTools = new Map<string, Set<number>>();
  const resetLabel = createLabelBound(MOST_RESETS);
  const placeLabel = createLabelBound(MOST_PLACES);
  const logFault = createFaultLog(log, clock);
  const faulted: Telemetry["faulted"] = ({ where, error }) => {
    metrics.faults.inc({ where: placeLabel(where) });
    logFault(placeLabel(where), error);
  };
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
    sessionEnded: (session) => log.info(session, "session ended"),
    sessionErased: (session) => log.info(session, "session erased"),
    cancelled: (facts) => log.info(facts, "turn cancelled"),
    turnRetried: (turn) => log.info(turn, "turn retried"),
    accept: spans.accept,
    turnStarted: ({ waitedMs, seqs, model, ...turn }) => {
      metrics.turnWait.observe(Math.max(0, waitedMs) / 1000);
      metrics.turnsRunning.inc();
      openTools.set(attemptOf(turn), new Set());
      spans.turnStarted({ ...turn, model, seqs });
      log.debug({ ...turn, waitedMs: Math.round(waitedMs), messages: seqs.length }, "turn started");
    },
    withinTurn: spans.withinTurn,
    turnEnded: (ended) => {
      const { outcome, ranMs, ...turn } = ended;
      metrics.turns.inc({ outcome });
      metrics.turnsRunning.dec();
      metrics.toolCalls.inc({ outcome: "unfinished" }, openTools.get(attemptOf(turn))?.size ?? 0);
      openTools.delete(attemptOf(turn));
      if (outcome === "lost") metrics.leasesLost.inc({ lease: "turn" });
      spans.turnEnded(ended);
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
    toolCalled: (call) => {
      const { index, state, turnId, sessionId, attempt } = call;
      const open = openTools.get(attemptOf(call));
      spans.toolCalled(call);
      if (state === "started") return void open?.add(index);
      open?.delete(index);
      metrics.toolCalls.inc({ outcome: state });
      log.debug({ turnId, sessionId, attempt, index, outcome: state }, "tool called");
    },
    tokensUsed: (used) => {
      const { turnId, sessionId, attempt } = used;
      const model = modelLabel(used.model);
      const [inputTokens, outputTokens] = [wholeTokens(used.inputTokens), wholeTokens(used.outputTokens)];
      metrics.tokens.inc({ model, direction: "input" }, inputTokens);
      metrics.tokens.inc({ model, direction: "output" }, outputTokens);
      spans.tokensUsed({ ...used, model, inputTokens, outputTokens });
      log.debug({ turnId, sessionId, attempt, model, inputTokens, outputTokens }, "tokens used");
    },
    questionAsked: (question) => {
      metrics.questions.inc({ outcome: "asked" });
      log.info(question, "question asked");
    },
    questionEnded: (question) => {
      metrics.questions.inc({ outcome: question.outcome });
      log.info(question, "question ended");
    },
    withinDelivery: spans.withinDelivery,
    deliverySettled: ({ ageMs, ...delivery }) => {
      const { state } = delivery;
      const platform = platformLabel(delivery.platform);
      metrics.deliveries.inc({ platform, state });
      if (state === "sent") metrics.deliveryLatency.observe({ platform }, Math.max(0, ageMs) / 1000);
      if (state === "lost") metrics.leasesLost.inc({ lease: "delivery" });
      spans.deliverySettled(delivery);
      log[state === "sent" ? "info" : "warn"]({ ...delivery, ageMs: Math.round(ageMs) }, "delivery settled");
    },
    leaseLost: (lease) => {
      metrics.leasesLost.inc({ lease: "named" });
      log.warn(lease, "lease lost");
    },
    hookSettled: (hook) => {
      metrics.hooks.inc({ outcome: hook.outcome });
      log[hook.outcome === "done" ? "debug" : "warn"](hook, "hook settled");
    },
    started: (gateway) => log.info(gateway, "gateway started"),
    stopped: (left) => log.info(left, "gateway stopped"),
    faulted,
    counts: () => ({ received: { ...received }, emptySessionsAvoided: avoided.count().keys }),
    metrics: async (backlog) => {
      const toDo = await backlog?.().catch((error: unknown) => faulted({ where: "metrics", error }));
      const registries = [registry, ...(toDo ? [backlogMetrics(toDo, clock.now())] : []), processMetrics()];
      return (await Promise.all(registries.map((each) => each.metrics()))).join("\n");
    },
    contentType: registry.contentType,
  };
}

function attemptOf({ turnId, attempt }: Pick<TurnFacts, "turnId" | "attempt">): string {
  return `${turnId}/${attempt}`;
}

function inboundLevel(outcome: InboundOutcome): "debug" | "warn" {
  return outcome === "failed" ? "warn" : "debug";
}

function signalLabel(name: string | undefined): string {
  return SIGNAL_NAMES.find((known) => known === name) ?? "other";
}
