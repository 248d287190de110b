/**
 * What a program has done, as the middle of a sentence.
 *
 * @param ended - The exit code, or the signal; null: it has only closed its output.
 */
export function exitWords(ended: number | string | null): string {
  if (ended === null) return "closed its output";
  return typeof ended === "number" ? `ended with code ${ended}` : `was ended by ${ended}`;
}
