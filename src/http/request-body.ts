import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Bindings } from "./peer.ts";
import { ProblemError } from "./problem.ts";

/**
 * The bytes of a request's body. Straight from the socket where there is one: a web stream in between
 * costs more than everything else a request does.
 *
 * @throws ProblemError `too-large`, before more than `maxBytes` are kept.
 */
export function readBody(request: Request, bindings: Bindings, maxBytes: number): Promise<Buffer> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  if (bindings.incoming !== undefined) return readIncoming(bindings.incoming, maxBytes);
  return readStream(request.body, maxBytes);
}

function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (incoming.destroyed) reject(brokenOff());
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      incoming.pause();
      reject(tooLarge(maxBytes));
    });
    incoming.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    // Also what a connection that was closed in the middle ends with.
    incoming.on("error", () => reject(brokenOff()));
  });
}

async function readStream(stream: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether there is nothing in it but white space. */
export function isEmptyBody(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes.length < 64 && bytes.toString("latin1").trim() === "");
}

/**
 * The JSON value in a body.
 *
 * @throws ProblemError `unsupported-media-type` or `invalid-request`; the message holds nothing of the body.
 */
export function parseJson(request: Request, bytes: Buffer): unknown {
  const type = request.headers.get("content-type");
  // The exact form first: nearly every client sends it.
  if (type !== "application/json" && !isJsonType(type)) {
    throw new ProblemError(
      "unsupported-media-type",
      `Expected Content-Type: application/json; found ${type === null ? "none" : JSON.stringify(type.slice(0, 100))}.`,
    );
  }
  if (!isUtf8(bytes)) throw malformed("it is not UTF-8");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    throw malformed("it is not JSON");
  }
}

function isJsonType(type: string | null): boolean {
  return type !== null && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);
}

function malformed(reason: string): ProblemError {
  return new ProblemError("invalid-request", `The body cannot be read: ${reason}.`);
}

function brokenOff(): ProblemError {
  return new ProblemError("invalid-request", "The connection was closed within the body.");
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError("too-large", `A body may have ${maxBytes} bytes; this one has more.`, {
    headers: { connection: "close" },
  });
}
