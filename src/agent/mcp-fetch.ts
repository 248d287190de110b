import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { Readable, Transform } from "node:stream";
import type { FetchLike } from "@modelcontextprotocol/client";
import { requestOnce } from "./http-connection.ts";

/** A response that points elsewhere. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
  readonly status: number;

  constructor(status: number) {
    super("The server answered with a redirect.");
    this.status = status;
  }
}

/** The longest response, and the longest event of a stream of them, in bytes. */
const MAX_BYTES = 16_777_216;
const BLANK_LINES: readonly string[] = ["\n\n", "\r\r", "\r\n\r\n"];
const LONGEST_BLANK = 4;
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

/**
 * A `fetch` for one server: what `requestOnce` says of addresses holds, and a redirect is an error. The stream on
 * which a server may send news at any time is not asked for: nobody here waits for any.
 */
export function createMcpFetch(options: {
  readonly allowPrivate: boolean;
  readonly lookup?: LookupFunction | undefined;
}): FetchLike {
  return async (url, { method = "GET", headers: given, body, signal } = {}) => {
    const headers = new Headers(given);
    if (method === "GET" && !headers.has("last-event-id")) return new Response(null, { status: 405 });
    const response = await requestOnce(new URL(url), {
      ...options,
      method,
      headers: { ...Object.fromEntries(headers), "accept-encoding": "identity" },
      body: typeof body === "string" ? body : undefined,
      signal: signal ?? new AbortController().signal,
    });
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      response.destroy();
      throw new RedirectError(status);
    }
    if (WITHOUT_BODY.includes(status)) {
      response.resume();
      return new Response(null, { status, headers: headersOf(response) });
    }
    const isStream = response.headers["content-type"]?.startsWith("text/event-stream") === true;
    const bytes = response.pipe(bounded(response, isStream ? sinceBlankLine() : inAll()));
    try {
      return new Response(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, {
        status,
        headers: headersOf(response),
      });
    } catch (error) {
      response.destroy();
      throw error;
    }
  };
}

/** How long what counts has become with a piece, in bytes. */
type Measure = (piece: Uint8Array) => number;

function inAll(): Measure {
  let length = 0;
  return (piece) => (length += piece.byteLength);
}

/** A blank line ends an event. */
function sinceBlankLine(): Measure {
  let length = 0;
  let tail = Buffer.alloc(0);
  return (piece) => {
    const seen = Buffer.concat([tail, piece]);
    const end = Math.max(...BLANK_LINES.map((blank) => seen.lastIndexOf(blank)));
    length = end === -1 ? length + piece.byteLength : seen.byteLength - end;
    tail = Buffer.from(seen.subarray(1 - LONGEST_BLANK));
    return length;
  };
}

function bounded(response: IncomingMessage, measure: Measure): Transform {
  const through = new Transform({
    transform(chunk: Uint8Array, _encoding, done): void {
      if (measure(chunk) > MAX_BYTES) done(new Error("The response is too long."));
      else done(null, chunk);
    },
    destroy(error, done): void {
      response.destroy();
      done(error);
    },
  });
  response.on("error", (error) => through.destroy(error));
  return through;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
