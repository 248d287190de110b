/** Every metric of Parlor; `docs/reference/metrics.md` says how to read each. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { SIGNAL_NAMES } from "../core/event.ts";
import type { AvoidedSessions } from "./avoided-sessions.ts";

const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DELIVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400];
const RUN_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

export interface Metrics {
  readonly events: Counter<"outcome">;
  readonly signals: Counter<"name">;
  readonly sessionsOpened: Counter<"platform" | "reset">;
  readonly turns: Counter<"outcome">;
  readonly turnWait: Histogram;
  readonly turnRun: Histogram;
  readonly turnFirstToken: Histogram;
  readonly turnsRunning: Gauge;
  readonly toolCalls: Counter<"outcome">;
  readonly tokens: Counter<"model" | "direction">;
  readonly questions: Counter<"outcome">;
  readonly leasesLost: Counter<"lease">;
  readonly deliveries: Counter<"platform" | "state">;
  readonly deliveryLatency: Histogram<"platform">;
  readonly hooks: Counter<"outcome">;
  readonly faults: Counter<"where">;
}

/** Registers the metrics. What can be told in advance starts at 0, so that a rate is right from the first event on. */
export function createMetrics(registry: Registry, avoided: AvoidedSessions): Metrics {
  const registers = [registry];
  const counter = <Label extends string>(
    name: string,
    help: string,
    label: Label,
    values: readonly string[],
  ): Counter<Label> => {
    const made = new Counter<Label>({ name, help, labelNames: [label], registers });
    for (const value of values) made.inc({ [label]: value } as Record<Label, string>, 0);
    return made;
  };
  const seconds = (name: string, help: string, buckets: number[]): Histogram =>
    new Histogram({ name, help, buckets, registers });

  registerAvoided(registry, avoided);
  return {
    events: counter("parlor_events_total", "Events received, by what became of them.", "outcome", [
      "signal",
      "duplicate",
      "rejected",
      "command",
      "failed",
      "accepted",
    ]),
    signals: counter("parlor_signals_total", "Events that are not content, by kind.", "name", [
      ...SIGNAL_NAMES,
      "other",
    ]),
    sessionsOpened: new Counter({
      name: "parlor_sessions_opened_total",
      help: "Sessions stored, by platform and by why the life before ended.",
      labelNames: ["platform", "reset"],
      registers,
    }),
    turns: counter("parlor_turns_total", "Attempts to run a turn, by how they ended.", "outcome", [
      "done",
      "retrying",
      "dead",
      "cancelled",
      "interrupted",
      "lost",
    ]),
    turnsRunning: new Gauge({
      name: "parlor_turns_running",
      help: "Turns that run in this process.",
      registers,
    }),
    turnWait: seconds(
      "parlor_turn_wait_seconds",
      "How long the oldest message of a turn waited for an attempt.",
      WAIT_SECONDS,
    ),
    turnRun: seconds("parlor_turn_run_seconds", "How long an attempt to run a turn took.", RUN_SECONDS),
    turnFirstToken: seconds(
      "parlor_turn_first_token_seconds",
      "How long the agent took to its first word.",
      RUN_SECONDS,
    ),
    toolCalls: counter("parlor_tool_calls_total", "Calls of tools by agents, by how they ended.", "outcome", [
      "finished",
      "failed",
      "unfinished",
    ]),
    tokens: new Counter({
      name: "parlor_tokens_total",
      help: "Tokens that agents reported, by model and by direction.",
      labelNames: ["model", "direction"],
      registers,
    }),
    questions: counter("parlor_questions_total", "Questions of agents to people, by what became of them.", "outcome", [
      "asked",
      "answered",
      "expired",
      "withdrawn",
    ]),
    leasesLost: counter("parlor_leases_lost_total", "Leases that another process took over, by of what.", "lease", [
      "turn",
      "delivery",
      "named",
    ]),
    deliveries: new Counter({
      name: "parlor_deliveries_total",
      help: "Attempts to deliver a reply, by platform and by the state they led to.",
      labelNames: ["platform", "state"],
      registers,
    }),
    deliveryLatency: new Histogram({
      name: "parlor_delivery_seconds",
      help: "How long a reply took from its making until its platform had it.",
      labelNames: ["platform"],
      buckets: DELIVERY_SECONDS,
      registers,
    }),
    hooks: counter("parlor_hooks_total", "Attempts to hand on a lifecycle event, by how they ended.", "outcome", [
      "done",
      "retrying",
      "dead",
    ]),
    faults: new Counter({
      name: "parlor_faults_total",
      help: "Faults that the gateway met and will try to get over, by where.",
      labelNames: ["where"],
      registers,
    }),
  };
}

/** Read when it is asked for, since it can fall as well as rise. */
function registerAvoided(registry: Registry, avoided: AvoidedSessions): void {
  const gauge = new Gauge({
    name: "parlor_empty_sessions_avoided_total",
    help: "Conversations that sent only signals since the start, for which no session was stored.",
    labelNames: ["precision"],
    registers: [registry],
    collect: () => {
      const { keys, precision } = avoided.count();
      gauge.reset();
      gauge.set({ precision }, keys);
    },
  });
}
