import { createHash } from "node:crypto";

/** The longest name of a tool that every provider takes. */
const MAX_LENGTH = 64;

/**
 * What a model calls a tool of a server: `<server>_<tool>`, of letters, digits, dashes and underscores. A
 * name that does not fit ends in a digest of the whole, so that two that are alike after the change stay two.
 * Names of servers have no underscore, so no two servers meet.
 */
export function mcpToolName(server: string, tool: string): string {
  const plain = `${server}_${tool}`;
  const fit = plain.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  if (fit === plain && plain.length <= MAX_LENGTH) return plain;
  const digest = createHash("sha256").update(plain).digest("hex").slice(0, 8);
  return `${fit.slice(0, MAX_LENGTH - digest.length - 1)}_${digest}`;
}
