import { closest } from "../lib/closest.ts";

const KEY_VARIABLES = "OPENAI_API_KEY or ANTHROPIC_API_KEY, or PARLOR_AGENT_<NAME>_API_KEY for one of agents,";

const SECRET = /(?:token|secret|password|api_?key)$/i;

/** The end of a sentence about each key that nobody knows, one on a line. */
export function unknownKeys(
  unknown: readonly string[],
  known: readonly string[],
  tokenVariable = "PARLOR_TOKEN",
  secretVariable = "PARLOR_WEBHOOK_<NAME>_SECRET",
): string {
  return unknown.map((key) => unknownKey(key, known, variableFor(key, tokenVariable, secretVariable))).join("\n");
}

function unknownKey(key: string, known: readonly string[], variable: string): string {
  if (SECRET.test(key)) {
    return `may not be written in a file: secrets come only from the environment, .env or a file; set ${variable} there`;
  }
  const meant = closest(key, known);
  if (meant !== null) return `is not a setting; did you mean "${meant}"?`;
  return known.length === 0 ? "is not a setting" : `is not a setting; here it can be one of ${known.join(", ")}`;
}

function variableFor(key: string, tokenVariable: string, secretVariable: string): string {
  if (/token$/i.test(key)) return tokenVariable;
  return /secret$/i.test(key) ? secretVariable : KEY_VARIABLES;
}
