/** The value below which a share of all values lies. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error("There is nothing to take the median of.");
  return value;
}

export function median(values: Iterable<number>): number {
  return quantile(values, 0.5);
}
