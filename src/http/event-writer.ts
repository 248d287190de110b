import type { Clock } from "../lib/clock.ts";
import { BoundedStream } from "./bounded-stream.ts";
import { EVENT_STREAM_HEADERS, heartbeatLines } from "./event-lines.ts";

/** Writes server-sent events to a client. */
export interface EventWriter {
  /** Sends an event, however slow the client is. */
  send(event: string): void;
  /** Makes and sends an event if the client keeps up; false when it does not. */
  offer(event: () => string): boolean;
}

export interface EventWriterOptions {
  readonly clock: Clock;
  /** Default: none besides those of every event stream. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the events; the stream ends with it. The signal is aborted when the client leaves. */
  readonly write: (writer: EventWriter, left: AbortSignal) => Promise<void>;
  /** Hears what `write` throws while there is a client. */
  readonly onFault: (error: unknown) => void;
  /** Called once, when the client has everything, or has left. */
  readonly onEnd: () => void;
}

/** How much is kept for a client that does not read, in bytes, before events that are only offered are left out. */
const BUFFER_BYTES = 256 * 1024;

/** How often a silent stream shows that it is alive, in milliseconds. */
const HEARTBEAT_MS = 15_000;

const encoder = new TextEncoder();

/** Answers with server-sent events that come to an end, and with comments while there are none. */
export function writeEvents({ clock, headers, write, onFault, onEnd }: EventWriterOptions): Response {
  const left = new AbortController();
  const stream = new BoundedStream({
    maxBytes: BUFFER_BYTES,
    mark: 0,
    // The one who asked is the only reader.
    later: (serve) => serve(),
    onDone: () => {
      left.abort();
      onEnd();
    },
  });
  let stopBeating = (): void => {};
  const beat = (): void => {
    stopBeating = clock.timer(HEARTBEAT_MS, () => {
      if (stream.isRoomy) stream.push(heartbeatLines(null), 0);
      beat();
    });
  };
  beat();
  const send = (event: string): void => stream.push(encoder.encode(event), 0);
  const offer = (event: () => string): boolean => {
    if (!stream.isRoomy) return false;
    send(event());
    return true;
  };
  void write({ send, offer }, left.signal)
    .catch((error: unknown) => {
      if (!left.signal.aborted) onFault(error);
    })
    .finally(() => {
      stopBeating();
      stream.end();
    });
  return new Response(stream.body, { status: 200, headers: { ...EVENT_STREAM_HEADERS, ...headers } });
}
