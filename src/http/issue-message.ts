import type { z } from "zod";

/** How many unknown names are repeated to their sender. */
const MAX_NAMED = 3;

/** What a field is called. Anything else could be what someone said, and is not repeated. */
const FIELD_NAME = /^[a-z_$][\w$.-]{0,39}$/i;

/** What is wrong with a part of a request, in words: what was expected, and what kind of thing was found. */
export function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `Expected ${article(issue.expected)}; found ${kindOf(issue.input)}`;
    case "too_small":
      return `Expected at least ${characters(Number(issue.minimum))}; found ${lengthOf(issue.input)}`;
    case "too_big":
      return `Expected at most ${characters(Number(issue.maximum))}; found ${lengthOf(issue.input)}`;
    case "invalid_value":
      return `Expected one of ${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `Unknown: ${namesOf(issue.keys)}`;
    default:
      return undefined;
  }
}

function namesOf(keys: readonly string[]): string {
  const named = keys.filter((key) => FIELD_NAME.test(key)).slice(0, MAX_NAMED);
  const more = keys.length - named.length;
  const names = named.map((key) => `"${key}"`).join(", ");
  if (more === 0) return names;
  if (names !== "") return `${names} and ${more} more`;
  return more === 1 ? "1 whose name is not repeated here" : `${more} whose names are not repeated here`;
}

function kindOf(input: unknown): string {
  if (input === undefined) return "nothing";
  if (input === null) return "null";
  return Array.isArray(input) ? "a list" : article(typeof input);
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function characters(count: number): string {
  return count === 1 ? "1 character" : `${count} characters`;
}

function lengthOf(input: unknown): number {
  return typeof input === "string" ? input.length : 0;
}
