const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** The body ends with a line break, so that a shell's prompt does not stand behind it. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = HEADERS,
): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers });
}
