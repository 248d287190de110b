import type { z } from "zod";
import { issueMessage } from "./issue-message.ts";
import { ProblemError } from "./problem.ts";

/** How many wrong parts are told to their sender: a body can have as many as it has bytes. */
const MAX_TOLD = 10;

/**
 * A value in the form its schema promises.
 *
 * @throws ProblemError `invalid-request` that lists what is wrong and where, the first of it, without the values found.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: "body" | "query"): T {
  const result = schema.safeParse(value, { error: issueMessage });
  if (result.success) return result.data;
  const { issues } = result.error;
  const errors = issues.slice(0, MAX_TOLD).map(({ path, message }) => ({ path: [where, ...path].join("."), message }));
  const told = errors.map(({ path, message }) => `${path}: ${message}`);
  const detail = [...told, ...(issues.length > MAX_TOLD ? [`and ${issues.length - MAX_TOLD} more`] : [])].join("; ");
  throw new ProblemError("invalid-request", detail, { errors });
}
