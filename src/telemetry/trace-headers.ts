import { context, propagation } from "@opentelemetry/api";

/** The headers of W3C Trace Context; not its baggage, which may hold what another service has put there about a person. */
const PASSED_ON = ["traceparent", "tracestate"];

/** What joins a request to the trace it is made in; nothing where no propagator is registered. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.fromEntries(PASSED_ON.flatMap((name) => (carrier[name] === undefined ? [] : [[name, carrier[name]]])));
}

/** The same as variables of a program that is started. */
export function traceVariables(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(traceHeaders()).map(([name, value]) => [name.toUpperCase(), value]));
}
