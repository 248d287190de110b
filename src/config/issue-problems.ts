import type { z } from "zod";
import { placeOf, type Findings, type Place } from "./findings.ts";

/** Turns what the schema refused into sentences: which value, what was expected, what was found. */
export function addIssues(
  issues: readonly z.core.$ZodIssue[],
  tree: unknown,
  findings: Findings,
  prefix: readonly string[] = [],
): void {
  for (const issue of issues) findings.problems.push(...sentences(issue, tree, findings.places, prefix));
}

function sentences(
  issue: z.core.$ZodIssue,
  tree: unknown,
  places: ReadonlyMap<string, Place>,
  prefix: readonly string[],
): string[] {
  const path = [...prefix, ...issue.path.map(String)];
  if (issue.code === "unrecognized_keys") {
    const ends = issue.message.split("\n");
    return issue.keys.map((key, index) => {
      const end = ends[index] ?? "is not a setting";
      return `${placeOf(places, [...path, key].join("."))} ${end}${end.endsWith("?") ? "" : "."}`;
    });
  }
  const name = path.length === 0 ? "The configuration" : placeOf(places, path.join("."));
  if (issue.code === "invalid_key") return [`${name} must have ${issue.issues[0]?.message ?? "another name"}.`];
  return [`${name} must be ${issue.message}; found ${show(valueAt(tree, issue.path))}.`];
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** A value as a sentence shows it. What might hold a password is not shown. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    if (/[^:]@|:\/\/[^?#]*[?#]/.test(value)) return "a text that may hold a password";
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "function") return "a function";
  return Array.isArray(value) ? "a list" : "an object";
}
