/**
 * Spans of OpenTelemetry, for whoever has registered a provider in this process; without one nothing is recorded and
 * nothing is remembered. No span holds anything that anyone said: no text, no name of a person or a chat, no argument
 * and no result of a tool.
 *
 *     parlor.accept ──▶ invoke_agent ──▶ execute_tool
 *                            └──▶ parlor.deliver
 *
 * What follows is a child of what came before it, as far as this process still knows that: a message that was
 * accepted elsewhere, or before a restart, begins no trace that could be gone on with.
 */
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { createRecent } from "../lib/recent.ts";
import type { DeliveryFacts, Telemetry, TurnFacts } from "./telemetry.ts";

export interface Spans {
  /** Runs what takes in one message; `accepted` says where it was stored, null when nowhere. */
  accept<T>(platform: string, run: () => Promise<T>, accepted: (outcome: T) => AcceptedFacts): Promise<T>;
  turnStarted(turn: TurnFacts & { readonly model: string | null; readonly seqs: readonly number[] }): void;
  turnEnded: Telemetry["turnEnded"];
  withinTurn: Telemetry["withinTurn"];
  toolCalled: Telemetry["toolCalled"];
  tokensUsed: Telemetry["tokensUsed"];
  withinDelivery: Telemetry["withinDelivery"];
  deliverySettled(delivery: DeliveryFacts & { readonly state: string }): void;
}

export interface AcceptedFacts {
  readonly outcome: string;
  readonly sessionId?: string;
  readonly seq?: number;
}

/** How many places of messages and turns are remembered for what follows them. */
const MOST_REMEMBERED = 10_000;

/** What models know tools by. What has another form may be a title that an agent has made of arguments. */
const TOOL_NAME = /^[\w-]{1,64}$/;

interface RunningTurn {
  readonly span: Span;
  readonly context: Context;
  readonly tools: Map<number, Span>;
  /** Its messages of which no span was known when it began. */
  readonly unknown: readonly string[];
  inputTokens: number;
  outputTokens: number;
}

export function createSpans(): Spans {
  const tracer = trace.getTracer("parlor");
  const accepted = createRecent<SpanContext>(MOST_REMEMBERED);
  const turns = createRecent<SpanContext>(MOST_REMEMBERED);
  const running = new Map<string, RunningTurn>();
  /** By message: the turn that answers it and does not know its span. */
  const unmet = new Map<string, Span>();
  const sending = new Map<string, Span>();

  const below = (parent: SpanContext | undefined): Context =>
    parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

  return {
    // Not made active: what this wakes goes on long after it, and belongs to others.
    accept: (platform, run, read) => {
      const attributes = messaging(platform, "receive", "accept");
      const span = tracer.startSpan("parlor.accept", { kind: SpanKind.CONSUMER, attributes });
      return ending(span, async () => {
        const value = await run();
        const { outcome, sessionId, seq } = read(value);
        span.setAttribute("parlor.outcome", outcome);
        if (sessionId === undefined || seq === undefined || !isTraced(span)) return value;
        span.setAttributes({ "gen_ai.conversation.id": sessionId, "parlor.message.seq": seq });
        accepted.set(placeOf(sessionId, seq), span.spanContext());
        // A claim that shared a commit with the message may be answered before it.
        unmet.get(placeOf(sessionId, seq))?.addLink({ context: span.spanContext() });
        return value;
      });
    },

    turnStarted: ({ turnId, sessionId, platform, attempt, agent, model, seqs }) => {
      const [first, ...others] = seqs.flatMap((seq) => accepted.get(placeOf(sessionId, seq)) ?? []);
      const before = turns.get(turnId);
      const parent = below(first);
      const links = [...others, ...(before === undefined ? [] : [before])].map((at): Link => ({ context: at }));
      const attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "gen_ai.conversation.id": sessionId,
        ...(model === null ? {} : { "gen_ai.request.model": model }),
        "parlor.turn.id": turnId,
        "parlor.turn.attempt": attempt,
        "parlor.turn.messages": seqs.length,
        "parlor.platform": platform,
      };
      const span = tracer.startSpan(`invoke_agent ${agent}`, { kind: SpanKind.INTERNAL, attributes, links }, parent);
      if (!isTraced(span)) return;
      turns.set(turnId, span.spanContext());
      const unknown = seqs.map((seq) => placeOf(sessionId, seq)).filter((place) => accepted.get(place) === undefined);
      for (const place of unknown) unmet.set(place, span);
      running.set(attemptOf(turnId, attempt), {
        span,
        unknown,
        context: trace.setSpan(parent, span),
        tools: new Map(),
        inputTokens: 0,
        outputTokens: 0,
      });
    },

    withinTurn: ({ turnId, attempt }, run) => {
      const turn = running.get(attemptOf(turnId, attempt));
      // Whoever wakes the runner may be within a span of something else.
      return context.with(turn?.context ?? ROOT_CONTEXT, run);
    },

    turnEnded: ({ turnId, attempt, outcome, fault }) => {
      const key = attemptOf(turnId, attempt);
      const turn = running.get(key);
      if (turn === undefined) return;
      running.delete(key);
      for (const place of turn.unknown) if (unmet.get(place) === turn.span) unmet.delete(place);
      for (const tool of turn.tools.values()) tool.end();
      const { span, inputTokens, outputTokens } = turn;
      span.setAttribute("parlor.outcome", outcome);
      if (inputTokens + outputTokens > 0) {
        span.setAttributes({ "gen_ai.usage.input_tokens": inputTokens, "gen_ai.usage.output_tokens": outputTokens });
      }
      if (outcome === "retrying" || outcome === "dead" || outcome === "lost") fail(span, fault ?? outcome);
      span.end();
    },

    toolCalled: ({ turnId, attempt, index, name, state }) => {
      const turn = running.get(attemptOf(turnId, attempt));
      if (turn === undefined) return;
      if (state === "started") {
        if (turn.tools.has(index)) return;
        const isName = TOOL_NAME.test(name);
        const attributes = {
          "gen_ai.operation.name": "execute_tool",
          ...(isName ? { "gen_ai.tool.name": name } : {}),
          "gen_ai.tool.call.id": `${turnId}/${index}`,
        };
        const called = isName ? `execute_tool ${name}` : "execute_tool";
        const span = tracer.startSpan(called, { kind: SpanKind.INTERNAL, attributes }, turn.context);
        turn.tools.set(index, span);
        return;
      }
      const span = turn.tools.get(index);
      turn.tools.delete(index);
      if (span === undefined) return;
      if (state === "failed") fail(span, "tool_failed");
      span.end();
    },

    tokensUsed: ({ turnId, attempt, model, inputTokens, outputTokens }) => {
      const turn = running.get(attemptOf(turnId, attempt));
      if (turn === undefined) return;
      turn.inputTokens += inputTokens;
      turn.outputTokens += outputTokens;
      turn.span.setAttribute("gen_ai.response.model", model);
    },

    withinDelivery: async ({ deliveryId, sessionId, turnId, platform, attempt }, run) => {
      const attributes = {
        ...messaging(platform, "send", "deliver"),
        "parlor.delivery.id": deliveryId,
        "parlor.delivery.attempt": attempt,
        ...(sessionId === null ? {} : { "gen_ai.conversation.id": sessionId }),
        ...(turnId === null ? {} : { "parlor.turn.id": turnId }),
      };
      const parent = below(turnId === null ? undefined : turns.get(turnId));
      const span = tracer.startSpan("parlor.deliver", { kind: SpanKind.PRODUCER, attributes }, parent);
      const key = attemptOf(deliveryId, attempt);
      if (isTraced(span)) sending.set(key, span);
      try {
        return await context.with(trace.setSpan(parent, span), () => ending(span, run));
      } finally {
        sending.delete(key);
      }
    },

    deliverySettled: ({ deliveryId, attempt, state }) => {
      const span = sending.get(attemptOf(deliveryId, attempt));
      span?.setAttribute("parlor.outcome", state);
      if (span !== undefined && state !== "sent") fail(span, state);
    },
  };
}

function messaging(platform: string, type: "receive" | "send", name: string): Attributes {
  return { "messaging.system": platform, "messaging.operation.type": type, "messaging.operation.name": name };
}

/** Whether there is a provider. One that leaves this trace out has to hear of what belongs to it all the same. */
function isTraced(span: Span): boolean {
  return isSpanContextValid(span.spanContext());
}

function placeOf(sessionId: string, seq: number): string {
  return `${sessionId}/${seq}`;
}

function attemptOf(id: string, attempt: number): string {
  return `${id}/${attempt}`;
}

/** What went wrong, in a word: the message of an error may be longer than that, and the log has it. */
function fail(span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

async function ending<T>(span: Span, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    fail(span, error instanceof Error ? error.name : "unforeseen");
    throw error;
  } finally {
    span.end();
  }
}
