import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Registry } from "prom-client";
import { SIGNAL_NAMES } from "../../src/core/event.ts";
import { EXACT_KEYS, createAvoidedSessions } from "../../src/telemetry/avoided-sessions.ts";
import { backlogMetrics } from "../../src/telemetry/backlog-metrics.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { processMetrics } from "../../src/telemetry/process-metrics.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/metrics.md"), "utf8");
const documented = [...page.matchAll(/^\| `(parlor_\w+)` +\| (\w+) +\|(.*?)\| (.*?) +\|$/gm)].map(
  ([, name = "", type, labels = "", meaning = ""]) => ({ name, type, labels: words(labels).toSorted(), meaning }),
);

function words(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word);
}

const counted = new Registry();
createMetrics(counted, createAvoidedSessions());
const zero = { waiting: 0, sessions: 0, oldestAt: null, deliveries: 0, oldestDeliveryAt: null };
const backlog = backlogMetrics({ ...zero, deadDeliveries: 0, deadTurns: 0, events: 0 }, 0);
const registry = Registry.merge([counted, backlog]);

test("every metric is documented with its type and labels, and nothing else", async () => {
  const known = (await registry.getMetricsAsJSON()).map(({ name, type }) => {
    const metric = registry.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
    return { name, type: String(type), labels: metric.labelNames.toSorted() };
  });
  assert.equal(known.length, 25);
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => a.name.localeCompare(b.name);
  assert.deepEqual(
    documented.map(({ name, type, labels }) => ({ name, type, labels })).toSorted(byName),
    known.toSorted(byName),
  );
});

test("the values of every label that are known in advance are documented, and no others", async () => {
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    const labels = values.map((sample) => Object.values(sample.labels)[0]).filter((value) => value !== undefined);
    if (labels.length < 2 || values.some((sample) => "metricName" in sample)) continue;
    const meaning = documented.find((row) => row.name === name)?.meaning ?? "";
    assert.deepEqual(words(meaning).toSorted(), labels.map(String).toSorted(), name);
  }
  assert.ok(SIGNAL_NAMES.every((name) => page.includes(`\`${name}\``)));
});

test("a metric that the page speaks of anywhere exists", async () => {
  const known = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
  for (const [name] of page.matchAll(/parlor_\w+/g)) assert.ok(known.has(name.replace(/_bucket$/, "")), name);
});

test("the limit of the exact count is the documented one", () => {
  assert.ok(page.includes(`up to ${EXACT_KEYS.toLocaleString("en-US")} conversations`));
});

test("the metrics of the process have the documented prefixes", async () => {
  for (const { name } of await processMetrics().getMetricsAsJSON()) assert.match(name, /^(?:process|nodejs)_/);
});
