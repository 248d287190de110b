/** One server-sent event. An `id` is what a reader resumes from; events without one are not stored. */
export interface EventLines {
  readonly event: string;
  readonly id?: number;
  /** Becomes one line of JSON. */
  readonly data: object;
}

export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Reverse proxies keep answers together until they are complete, unless they are told not to.
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

const encoder = new TextEncoder();

export function eventLines({ event, id, data }: EventLines): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}

/**
 * A sign of life. With an id it also moves on where the reader resumes from, without an event: a reader
 * of one quiet session would otherwise come back with an id that is no longer kept.
 */
export function heartbeatLines(id: number | null): Uint8Array {
  return encoder.encode(id === null ? ":\n\n" : `:\nid: ${id}\n\n`);
}
