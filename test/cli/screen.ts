import type { Screen } from "../../src/cli/answer.ts";

/** A screen that shows no styles. */
export function plainScreen(width: number = 80): Screen {
  return { width, style: (_format, text) => text };
}

/** A screen that shows where a style begins and ends. */
export const MARKED: Screen = { width: 80, style: (format, text) => `<${[format].flat().join("+")}>${text}</>` };
