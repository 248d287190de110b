import type { LocalModels } from "../agent/find-local-models.ts";
import { shellWords } from "./shell-words.ts";

/** A server of models on this machine, and how to let the first of its models answer. */
export interface FoundModels extends LocalModels {
  /** A command line, to be typed in place of the one that started the gateway. */
  readonly command: string;
}

/** How many models of a server are named. */
const NAMED = 3;

/** @param start - The words that start the gateway. */
export function foundModels(found: readonly LocalModels[], start: readonly string[]): readonly FoundModels[] {
  return found.map((server) => ({
    ...server,
    command: shellWords([
      `OPENAI_BASE_URL=${server.baseUrl}`,
      ...server.models.slice(0, 1).map((model) => `PARLOR_MODEL=${model}`),
      ...start,
    ]),
  }));
}

/** What was found in one line, with the command for the first server; null when nothing was. */
export function foundLine(found: readonly FoundModels[]): string | null {
  const [first] = found;
  if (first === undefined) return null;
  const servers = found.map(({ name, models }) => {
    const more = models.length > NAMED ? ` and ${models.length - NAMED} more` : "";
    return `${name} with ${models.slice(0, NAMED).join(", ")}${more}`;
  });
  return `${servers.join("; ")}; to use ${found.length === 1 ? "it" : first.name}: ${first.command}`;
}
