/**
 * The HTTP interface as a function from a request to a response. It holds no state but who waits for a
 * reply; everything else is asked of its ports. A request goes: host and origin, token, query, body,
 * schema, port, answer; whatever is thrown on the way becomes a problem document.
 */
import { Hono } from "hono";
import { systemClock } from "../lib/clock.ts";
import type { Clock } from "../lib/clock.ts";
import { chatRoutes } from "./chat-routes.ts";
import { checkEncoding } from "./check-encoding.ts";
import { eventRoutes } from "./event-routes.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { createGuard } from "./guard.ts";
import type { Guard } from "./guard.ts";
import { hookRoutes } from "./hook-routes.ts";
import { jsonResponse } from "./json-response.ts";
import { loginRoutes } from "./login-routes.ts";
import { OpenAiError, isOpenAiPath, openAiErrorOf } from "./openai-error.ts";
import { openAiRoutes } from "./openai-routes.ts";
import { createOpenApi } from "./openapi.ts";
import { operationRoutes } from "./operation-routes.ts";
import { createPageCookie } from "./page-cookie.ts";
import { readPage } from "./page-files.ts";
import { pageRoutes } from "./page-routes.ts";
import type { Bindings } from "./peer.ts";
import { problemOf } from "./problem-of.ts";
import { ProblemError } from "./problem.ts";
import { questionRoutes } from "./question-routes.ts";
import type { Route, RouteContext } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { searchRoutes } from "./search-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { statsRoutes } from "./stats-routes.ts";
import { createWaitingRoom } from "./waiting-room.ts";

export interface AppOptions {
  /** For the OpenAPI document. */
  readonly version: string;
  /** What callers have to present as `Authorization: Bearer`. Default: nothing. */
  readonly token?: string | null;
  /**
   * The host names, without port, that are served besides `localhost` and loopback addresses; null: any,
   * which is only safe with a token. Default: no others.
   */
  readonly hosts?: readonly string[] | null;
  /** Whether callers on this machine may use the unsigned hook `demo`: only where the server is bound to loopback. Default: false. */
  readonly demoHook?: boolean;
  /** The largest body, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /** How many requests may wait for a reply at once. Default: 1,000. */
  readonly maxWaiting?: number;
  /** Aborted when the gateway closes: whoever waits is answered at once. Default: never. */
  readonly closing?: AbortSignal;
  readonly clock?: Clock;
  /** The folder of the built page, read here and never again; null: none is served. Default: null. */
  readonly page?: URL | string | null;
}

export interface App {
  /** Answers one request; never rejects. */
  fetch(request: Request, bindings?: Bindings): Response | Promise<Response>;
  /** Everything that is served. */
  readonly routes: readonly Route[];
}

export function createApp(ports: GatewayPorts, options: AppOptions): App {
  const { token = null, hosts = [], page = null, clock = systemClock } = options;
  const cookie = token === null ? null : createPageCookie({ token, clock });
  const guard = createGuard({ token, hosts, cookie });
  const tools: RouteTools = {
    ports,
    guard,
    waitingRoom: createWaitingRoom(options.maxWaiting ?? 1_000),
    clock,
    closing: options.closing ?? new AbortController().signal,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    hasDemoHook: options.demoHook ?? false,
  };
  const routes = withOpenApi(
    [
      ...pageRoutes(page === null ? null : readPage(page)),
      ...loginRoutes(tools, cookie),
      ...hookRoutes(tools),
      ...chatRoutes(tools),
      ...sessionRoutes(tools),
      ...questionRoutes(tools),
      ...searchRoutes(tools),
      ...eventRoutes(tools),
      ...statsRoutes(tools),
      ...openAiRoutes(tools),
      ...operationRoutes(tools),
    ],
    options.version,
  );

  const hono = new Hono<{ Bindings: Bindings }>();
  for (const route of routes) hono.on(route.method, honoPath(route.path), guarded(route, guard));
  hono.notFound(({ req }) => {
    const detail = `There is no route ${req.method} ${req.path}; GET /openapi.json lists them all.`;
    return problemResponse(req.path, new ProblemError("not-found", detail));
  });
  hono.onError((error, { req }) => {
    if (error instanceof OpenAiError) return error.toResponse();
    const problem = problemOf(error);
    if (problem !== null) return problemResponse(req.path, problem);
    ports.onFault(error);
    return problemResponse(req.path, new ProblemError("internal", "The gateway met a fault; its log says which."));
  });
  return { fetch: (request, bindings = {}) => hono.fetch(request, bindings), routes };
}

/** In the form that callers of the path read. */
function problemResponse(path: string, problem: ProblemError): Response {
  return isOpenAiPath(path) ? openAiErrorOf(problem).toResponse() : problem.toResponse();
}

function withOpenApi(routes: readonly Route[], version: string): readonly Route[] {
  const all: Route[] = [...routes];
  let document: unknown;
  all.push({
    method: "GET",
    path: "/openapi.json",
    summary: "This document.",
    access: "token",
    answers: [{ status: 200, summary: "OpenAPI 3.1." }],
    problems: ["foreign-host", "unauthorized"],
    handle: () => jsonResponse(200, (document ??= createOpenApi(all, version))),
  });
  return all;
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** A route behind its guard. One function and no middleware, so that it costs nothing to go through. */
function guarded(route: Route, guard: Guard): (context: RouteContext) => Promise<Response> {
  // Async, so that what it throws goes the way of what it rejects with.
  return async (context) => {
    if (route.access !== "own") guard.checkHost(context.req.raw);
    if (route.access === "token") guard.checkToken(context.req.raw);
    if (route.access === "bearer") guard.checkBearer(context.req.raw);
    checkEncoding(context.req.raw);
    const response = await route.handle(context);
    // Only the head is asked for, so nobody reads the body: a stream would hold its place for good.
    if (context.req.method === "HEAD") await response.body?.cancel();
    return response;
  };
}
