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

/** The type of bytes of which nothing is known. */
export const UNKNOWN_TYPE = "application/octet-stream";

/** `image/png` of `Image/PNG; charset=binary`. */
export function bareMediaType(mediaType: string | undefined): string {
  return mediaType?.split(";")[0]?.trim().toLowerCase() || UNKNOWN_TYPE;
}
