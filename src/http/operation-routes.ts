import { z } from "zod";
import { jsonResponse } from "./json-response.ts";
import { ProblemError } from "./problem.ts";
import type { Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

/** What whoever runs the gateway asks it. */
export function operationRoutes({ ports, closing }: RouteTools): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/healthz",
      summary: "Whether the process answers.",
      access: "open",
      answers: [{ status: 200, summary: "It does.", schema: z.strictObject({ status: z.literal("ok") }) }],
      problems: ["foreign-host"],
      handle: () => jsonResponse(200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/readyz",
      summary: "Whether the store answers, and the gateway is not shutting down.",
      access: "open",
      answers: [{ status: 200, summary: "They can.", schema: z.strictObject({ status: z.literal("ready") }) }],
      problems: ["foreign-host", "unavailable"],
      handle: async () => {
        if (!closing.aborted && (await ports.isReady())) return jsonResponse(200, { status: "ready" });
        const reason = closing.aborted ? "The gateway is closing." : "The store cannot be reached.";
        throw new ProblemError("unavailable", reason, { headers: { "retry-after": "1" } });
      },
    },
    {
      method: "GET",
      path: "/metrics",
      summary: "Metrics in the Prometheus text format.",
      access: "token",
      answers: [{ status: 200, summary: "The metrics.", mediaType: METRICS_TYPE }],
      problems: ["foreign-host", "unauthorized"],
      handle: async () =>
        new Response(await ports.metrics(), {
          status: 200,
          headers: { "content-type": METRICS_TYPE, "cache-control": "no-store", "x-content-type-options": "nosniff" },
        }),
    },
  ];
}

const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
