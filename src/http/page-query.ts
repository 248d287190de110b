import { z } from "zod";

/** The most entries of one page. */
const MAX_LIMIT = 200;
const LIMIT_RANGE = `Expected a whole number from 1 to ${MAX_LIMIT}`;

export interface PageParameters {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What every list takes. */
export const PAGE_QUERY: {
  readonly limit: z.ZodType<number | undefined>;
  readonly cursor: z.ZodType<string | undefined>;
} = {
  limit: z
    .string()
    .regex(/^\d{1,4}$/, LIMIT_RANGE)
    .transform(Number)
    .pipe(z.int().min(1, LIMIT_RANGE).max(MAX_LIMIT, LIMIT_RANGE))
    .optional()
    .describe(`How many, 1 to ${MAX_LIMIT}. Default: 50.`),
  cursor: z.string().min(1).max(1_000).optional().describe("nextCursor of the page before."),
};

/** The query without what was not given. */
export function pageOf({ limit, cursor }: PageParameters): { readonly limit?: number; readonly cursor?: string } {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}
