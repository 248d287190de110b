import type { z } from "zod";
import { issueMessage } from "./issue-message.ts";
import { ProblemError } from "./problem.ts";

/**
 * A value in the form its schema promises.
 *
 * @throws ProblemError `invalid-request` that lists what is wrong and where, without the values found.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: "body" | "query"): T {
  const result = schema.safeParse(value, { error: issueMessage });
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ path: [where, ...path].join("."), message }));
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new ProblemError("invalid-request", detail, { errors });
}
