const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  // What people have said is data, whatever it looks like.
  "x-content-type-options": "nosniff",
};

/** The body ends with a line break, so that a shell's prompt does not stand behind it. */
export function jsonResponse(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { ...HEADERS, ...headers } });
}
