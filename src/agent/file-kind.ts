/** The images that models are shown. */
export const IMAGE_TYPES: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** What the first bytes of a file say that it is; null when they say nothing that a model could be shown. */
export function sniffMediaType(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(start)) return "image/gif";
  if (/^RIFF.{4}WEBP/s.test(start)) return "image/webp";
  return start.startsWith("%PDF-") ? "application/pdf" : null;
}

const TEXT_TYPE =
  /^(?:text\/.+|application\/(?:json|xml|yaml|x-yaml|toml|sql|javascript|typescript|x-ndjson|x-sh|.+\+(?:json|xml)))$/;
const TEXT_NAME =
  /\.(?:txt|md|csv|tsv|log|json|jsonl|ndjson|xml|ya?ml|toml|ini|html?|css|[cm]?[jt]sx?|py|rb|go|rs|java|c|h|cpp|sh|sql)$/i;

/** Whether a file is text, by its media type, or by its name where the type says nothing. */
export function isTextFile(mediaType: string, name: string | undefined): boolean {
  return TEXT_TYPE.test(mediaType) || (mediaType === UNKNOWN_TYPE && TEXT_NAME.test(name ?? ""));
}

/** The type of bytes of which nothing is known. */
export const UNKNOWN_TYPE = "application/octet-stream";

/** `image/png` of `Image/PNG; charset=binary`. */
export function bareMediaType(mediaType: string | undefined): string {
  return mediaType?.split(";")[0]?.trim().toLowerCase() || UNKNOWN_TYPE;
}
