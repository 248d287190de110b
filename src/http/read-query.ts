import type { z } from "zod";
import { ProblemError } from "./problem.ts";
import type { RouteContext } from "./route.ts";
import { validate } from "./validate.ts";

/**
 * The query in the form its schema promises.
 *
 * @throws ProblemError `invalid-request`, also when a parameter is given twice: which one counts would
 * be a guess, and the next reader could guess otherwise.
 */
export function readQuery<T>(context: RouteContext, schema: z.ZodType<T>): T {
  const query = validate(schema, context.req.query(), "query");
  const twice = Object.entries(context.req.queries()).find(([, values]) => values.length > 1)?.[0];
  if (twice === undefined) return query;
  const [path, message] = [`query.${twice}`, "Expected one value; found several"];
  throw new ProblemError("invalid-request", `${path}: ${message}`, { errors: [{ path, message }] });
}
