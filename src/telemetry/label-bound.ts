/** Keeps the values of a metric's label few, whatever strangers send: the first `most` distinct ones, then `other`. */
export function createLabelBound(most: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= most || value.length > 64) return "other";
    seen.add(value);
    return value;
  };
}
