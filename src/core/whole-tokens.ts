/** More tokens than any answer costs. */
const MOST_TOKENS = 1e9;

/** A count of tokens as it is kept. What an agent counts wrongly, or not at all, costs neither the answer nor the sum. */
export function wholeTokens(count: number): number {
  return count >= 0 && count <= MOST_TOKENS ? Math.round(count) : 0;
}
