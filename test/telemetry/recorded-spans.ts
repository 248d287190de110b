/** A provider of OpenTelemetry that keeps the spans of this process in memory. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";

export interface RecordedSpans extends Disposable {
  /** The spans that have ended, in the order of their ends. */
  all(): readonly ReadableSpan[];
  /** Those of a name. */
  named(name: string): readonly ReadableSpan[];
}

/** Registers the provider for the process; disposing of it takes it away. */
export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const current = new AsyncLocalStorage<Context>();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager({
    active: () => current.getStore() ?? ROOT_CONTEXT,
    with: (given, run, self, ...args) => current.run(given, () => run.call(self as never, ...args)),
    bind: (_given, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  propagation.setGlobalPropagator({
    inject: (given, carrier, setter) => {
      const { traceId, spanId } = trace.getSpanContext(given) ?? {};
      if (traceId !== undefined) setter.set(carrier, "traceparent", `00-${traceId}-${String(spanId)}-01`);
      setter.set(carrier, "baggage", "person=ada");
    },
    extract: (given) => given,
    fields: () => ["traceparent", "baggage"],
  });
  const all = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  return {
    all,
    named: (name) => all().filter((span) => span.name === name),
    [Symbol.dispose]: () => {
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** The only span of a list. */
export function one(spans: readonly ReadableSpan[]): ReadableSpan {
  const [span] = spans;
  if (span === undefined || spans.length > 1) throw new Error(`expected one span, found ${spans.length}`);
  return span;
}
