/**
 * The built page, read once at the start: no path of a request ever touches the disk.
 *
 * A page is `index.html` and the files of `assets/` beside it. What else lies in the folder is not served.
 */
import { hash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ParlorError } from "../core/errors.ts";
import type { ContentCoding } from "./accepted-coding.ts";

export interface PageFile {
  readonly mediaType: string;
  /** Weak, as the compressed forms share it. */
  readonly etag: string;
  /** Whether its name changes with its content, so that it may be kept for ever. */
  readonly isImmutable: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null where compression does not make it smaller. Made when first asked for, and kept. */
  compressed(coding: ContentCoding): Promise<Uint8Array<ArrayBuffer> | null>;
}

export interface Page {
  readonly index: PageFile;
  /** By name. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

/** Where `npm run build:page` puts the page, seen from `src/http` and from `dist/http` alike. */
export const BUILT_PAGE: URL = new URL("../../web/dist/", import.meta.url);

const MAX_FILES = 200;
const MAX_BYTES = 16 * 1024 * 1024;
/** Less than this is one packet anyway. */
const MIN_COMPRESSED_BYTES = 1_024;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};
const COMPRESSIBLE = /^text\/|json$|\+xml$/;
/** As bundlers write them: a name, a hyphen, and eight characters of a digest. */
const HASHED = /-[\w-]{8}\.\w+$/;

const COMPRESS: Readonly<Record<ContentCoding, (bytes: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/**
 * Reads the page in a folder; null when none was built there.
 *
 * @throws ParlorError `START_FAILED` for a folder that holds far more than a page.
 */
export function readPage(folder: URL | string): Page | null {
  const base = typeof folder === "string" ? pathToFileURL(`${folder}/`) : folder;
  const index = read(new URL("index.html", base));
  if (index === null) return null;

  const names = listFiles(new URL("assets/", base));
  const assets = new Map<string, PageFile>();
  let left = MAX_BYTES - index.length;
  for (const name of names) {
    const bytes = read(new URL(`assets/${encodeURIComponent(name)}`, base));
    if (bytes === null) continue;
    assets.set(name, createPageFile(name, bytes));
    left -= bytes.length;
    if (left < 0 || assets.size > MAX_FILES) {
      throw new ParlorError(
        "START_FAILED",
        `The page in ${base.pathname} must be ${MAX_FILES} files of ${MAX_BYTES / 1024 / 1024} MiB together at most, ` +
          `and is more; build it again with: npm run build:page`,
      );
    }
  }
  return { index: createPageFile("index.html", index), assets };
}

function createPageFile(name: string, bytes: Uint8Array<ArrayBuffer>): PageFile {
  const mediaType = MEDIA_TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
  const isCompressible = COMPRESSIBLE.test(mediaType.split(";", 1).join()) && bytes.length >= MIN_COMPRESSED_BYTES;
  const made = new Map<ContentCoding, Promise<Uint8Array<ArrayBuffer> | null>>();
  const compress = async (coding: ContentCoding): Promise<Uint8Array<ArrayBuffer> | null> => {
    const compressed = await COMPRESS[coding](bytes);
    return compressed.length < bytes.length ? compressed : null;
  };
  return {
    mediaType,
    etag: `W/"${hash("sha256", bytes, "base64url").slice(0, 22)}"`,
    isImmutable: HASHED.test(name),
    bytes,
    compressed: (coding) => {
      if (!isCompressible) return Promise.resolve(null);
      const known = made.get(coding) ?? compress(coding);
      made.set(coding, known);
      return known;
    },
  };
}

/** The names of the files directly in a folder; links are not followed. */
function listFiles(folder: URL): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Null for what is not there, such as a file that a build is replacing. */
function read(file: URL): Uint8Array<ArrayBuffer> | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
