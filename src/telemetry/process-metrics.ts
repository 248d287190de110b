import { Registry, collectDefaultMetrics } from "prom-client";

let registry: Registry | null = null;

/**
 * Processor time, memory, event loop and garbage collection. They belong to the process: measured
 * once, however many gateways it runs, and without keeping it alive.
 */
export function processMetrics(): Registry {
  if (registry === null) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
