/**
 * The files that came with messages, fetched when a turn needs them and kept for the next ones, so that a
 * prompt stays the same from turn to turn. A file that is not to be had stays so for a while, for the same reason.
 */
import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import type { Attachment } from "../core/message.ts";
import type { Source } from "../core/source.ts";
import { createByteCache } from "../lib/byte-cache.ts";
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import { bareMediaType, sniffMediaType, UNKNOWN_TYPE } from "./file-kind.ts";
import { PrivateAddressError, requestOnce } from "./http-connection.ts";
import { networkReason } from "./network-reason.ts";
import { createTimeLimit } from "./time-limit.ts";

export type FetchedFile =
  /** `mediaType`: what the bytes show to be an image or a PDF is one, and nothing else is. */
  | { readonly outcome: "fetched"; readonly bytes: Uint8Array; readonly mediaType: string }
  /** `reason`: a few words of ours, such as `it answered 404`. */
  | { readonly outcome: "unavailable"; readonly reason: string };

export interface AgentFiles {
  /** Rejects with the signal's reason when that is aborted, and with nothing else. */
  fetch(attachment: Attachment, source: Source, signal: AbortSignal): Promise<FetchedFile>;
}

/** What a platform gives of a file that only it can reach. */
export type FetchFromPlatform = (
  url: string,
  source: Source,
  limits: { readonly maxBytes: number; readonly signal: AbortSignal },
) => Promise<FetchedFile>;

export interface AgentFilesOptions {
  readonly clock: Clock;
  /** Whether a file may be at an address of this machine or of a private network. Default: false. */
  readonly allowPrivate?: boolean;
  /** Fetches what is at no address of the web, such as `telegram:file/…`. Default: nobody does. */
  readonly fromPlatform?: FetchFromPlatform;
  /** How a name becomes addresses. Default: the way of the system. */
  readonly lookup?: LookupFunction;
}

export const MAX_FILE_BYTES = 10_485_760;
const CACHE_BYTES = 67_108_864;
/** What one file takes beside its bytes and its address, roughly. */
const ENTRY_BYTES = 500;
const TIMEOUT_MS = 15_000;
/** How long a file that was not to be had is not asked for again. */
const UNAVAILABLE_MS = 300_000;
const MAX_REDIRECTS = 3;
const TOO_LONG = unavailable(`it is larger than ${MAX_FILE_BYTES / 1_048_576} MiB`);

interface Kept {
  readonly file: FetchedFile;
  readonly until: number;
}

export function createAgentFiles(options: AgentFilesOptions): AgentFiles {
  const { clock, allowPrivate = false, fromPlatform, lookup } = options;
  const cache = createByteCache<Kept>(CACHE_BYTES);

  async function fromWeb(address: URL, signal: AbortSignal): Promise<FetchedFile> {
    let url = address;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const headers = { accept: "*/*", "accept-encoding": "identity" };
      const response = await requestOnce(url, { method: "GET", headers, signal, lookup, allowPrivate });
      const status = response.statusCode ?? 0;
      if (status === 200) return await readBody(response);
      response.destroy();
      const next = URL.parse(response.headers.location ?? "", url);
      if (status < 300 || status >= 400 || next === null) return unavailable(`it answered ${status}`);
      if (!/^https?:$/.test(next.protocol)) return unavailable("it is somewhere else than on the web");
      url = next;
    }
    return unavailable("it points from place to place");
  }
  function find(url: string, source: Source, signal: AbortSignal): Promise<FetchedFile> {
    const address = URL.parse(url);
    if (address !== null && /^https?:$/.test(address.protocol)) return fromWeb(address, signal);
    if (fromPlatform === undefined) return Promise.resolve(unavailable("its address is none of the web"));
    return fromPlatform(url, source, { maxBytes: MAX_FILE_BYTES, signal });
  }
  async function inTime(url: string, source: Source, signal: AbortSignal): Promise<FetchedFile> {
    using limit = createTimeLimit(clock, TIMEOUT_MS);
    limit.restart();
    const stop = AbortSignal.any([signal, limit.signal]);
    try {
      return await untilAborted(find(url, source, stop), stop);
    } catch (error) {
      signal.throwIfAborted();
      if (limit.signal.aborted) return unavailable("it did not come in time");
      if (error instanceof PrivateAddressError) return unavailable("its address is not a public one");
      return unavailable(networkReason(error) ?? "it could not be read");
    }
  }

  return {
    fetch: async (attachment, source, signal) => {
      signal.throwIfAborted();
      const { url } = attachment;
      if (/^data:/i.test(url)) return typed(fromDataUrl(url), attachment);
      // What only a platform can reach is reached for its own people.
      const key = JSON.stringify(/^https?:/i.test(url) ? [url] : [url, source.platform, source.account]);
      const kept = cache.get(key);
      if (kept !== undefined && kept.until > clock.now()) return typed(kept.file, attachment);
      const file = await inTime(url, source, signal);
      const isThere = file.outcome === "fetched";
      const until = isThere ? Infinity : clock.now() + UNAVAILABLE_MS;
      cache.set(key, { file, until }, ENTRY_BYTES + 2 * key.length + (isThere ? file.bytes.byteLength : 0));
      return typed(file, attachment);
    },
  };
}

/** Of what is declared and what came with it, the bytes have the last word. */
function typed(file: FetchedFile, { mediaType }: Attachment): FetchedFile {
  if (file.outcome === "unavailable") return file;
  const seen = sniffMediaType(file.bytes);
  const said = bareMediaType(mediaType ?? file.mediaType);
  const isClaim = said.startsWith("image/") || said === "application/pdf";
  return { ...file, mediaType: seen ?? (isClaim ? UNKNOWN_TYPE : said) };
}

function fromDataUrl(url: string): FetchedFile {
  const [, mediaType, isBase64, data = ""] = /^data:([^,;]*)(?:;[^,;]+)*?(;base64)?,(.*)$/is.exec(url) ?? [];
  if (mediaType === undefined) return unavailable("its data URL cannot be read");
  if (data.length > MAX_FILE_BYTES * 3) return TOO_LONG;
  try {
    const text = decodeURIComponent(data);
    const bytes = isBase64 === undefined ? Buffer.from(text) : Buffer.from(text, "base64");
    if (bytes.byteLength > MAX_FILE_BYTES) return TOO_LONG;
    return { outcome: "fetched", bytes, mediaType: mediaType === "" ? "text/plain" : mediaType };
  } catch {
    // A per cent sign that begins nothing.
    return unavailable("its data URL cannot be read");
  }
}

async function readBody(response: IncomingMessage): Promise<FetchedFile> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (length > MAX_FILE_BYTES) return TOO_LONG;
  }
  const mediaType = response.headers["content-type"] ?? UNKNOWN_TYPE;
  return { outcome: "fetched", bytes: Buffer.concat(chunks), mediaType };
}

function unavailable(reason: string): FetchedFile {
  return { outcome: "unavailable", reason };
}
