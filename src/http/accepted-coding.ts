/** How a body may be compressed, the better one first. */
export type ContentCoding = "br" | "gzip";

const CODINGS: readonly ContentCoding[] = ["br", "gzip"];

/** The best coding that an `Accept-Encoding` header takes; null for none. A weight of 0 is a refusal. */
export function acceptedCoding(header: string | null): ContentCoding | null {
  if (header === null) return null;
  const weights = new Map(
    header.split(",").map((item) => {
      const [name = "", ...parameters] = item
        .toLowerCase()
        .split(";")
        .map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return [name, weight === undefined ? 1 : Number(weight.slice(2))] as const;
    }),
  );
  return CODINGS.find((coding) => (weights.get(coding) ?? weights.get("*") ?? 0) > 0) ?? null;
}
