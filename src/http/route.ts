import type { Context } from "hono";
import type { z } from "zod";
import type { Bindings } from "./peer.ts";
import type { ProblemName } from "./problem.ts";

export type RouteContext = Context<{ Bindings: Bindings }>;

/** One route: what is served, and what the OpenAPI document says of it, from the same schemas. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With parameters in braces, such as `/api/sessions/{id}`. */
  readonly path: string;
  readonly summary: string;
  /**
   * `open`: anyone; `token`: the token where one is set, or the cookie of the page; `bearer`: the token alone;
   * `own`: the route checks its callers itself.
   */
  readonly access: "open" | "token" | "bearer" | "own";
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: readonly Answer[];
  readonly problems: readonly ProblemName[];
  handle(context: RouteContext): Response | Promise<Response>;
}

export interface Answer {
  readonly status: number;
  readonly summary: string;
  /** Default: `application/json`. */
  readonly mediaType?: string;
  readonly schema?: z.ZodType;
}

/** A parameter of the path, decoded. */
export function pathParameter(context: RouteContext, name: string): string {
  return context.req.param(name) ?? "";
}
