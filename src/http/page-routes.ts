/**
 * The page: the same files for everyone. What they show is asked of the routes that need a token or the
 * cookie of a login; the files themselves hold nothing of this installation.
 */
import { acceptedCoding } from "./accepted-coding.ts";
import type { Page, PageFile } from "./page-files.ts";
import { ProblemError } from "./problem.ts";
import { pathParameter } from "./route.ts";
import type { Route } from "./route.ts";

export function pageRoutes(page: Page | null): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/",
      summary: "The page.",
      access: "open",
      answers: [
        { status: 200, summary: "The page.", mediaType: "text/html" },
        { status: 404, summary: "It is not built; the text says how.", mediaType: "text/plain" },
      ],
      problems: ["foreign-host"],
      handle: ({ req }) => (page === null ? notBuilt() : fileAnswer(req.raw, page.index)),
    },
    {
      method: "GET",
      path: "/assets/{file}",
      summary: "A file of the page.",
      access: "open",
      answers: [{ status: 200, summary: "The file.", mediaType: "*/*" }],
      problems: ["foreign-host", "not-found"],
      handle: (context) => {
        const file = page?.assets.get(pathParameter(context, "file"));
        if (file === undefined) throw new ProblemError("not-found", "The page has no such file; load it again.");
        return fileAnswer(context.req.raw, file);
      },
    },
  ];
}

const NOT_BUILT =
  "The page is not built. Build it, and start the gateway again:\n\n  npm run build:page\n\n" +
  "Everything else works without it: GET /openapi.json lists the routes.\n";

/** Nothing is loaded, embedded or sent anywhere but to this server, and text never becomes markup unsanitised. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

const SECURITY_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

async function fileAnswer(request: Request, file: PageFile): Promise<Response> {
  const headers = {
    ...SECURITY_HEADERS,
    "cache-control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag: file.etag,
    vary: "accept-encoding",
  };
  if (isKnown(request.headers.get("if-none-match"), file.etag)) return new Response(null, { status: 304, headers });

  const coding = acceptedCoding(request.headers.get("accept-encoding"));
  const compressed = coding === null ? null : await file.compressed(coding);
  const body = compressed ?? file.bytes;
  return new Response(body, {
    status: 200,
    headers: {
      ...headers,
      "content-type": file.mediaType,
      "content-length": String(body.length),
      ...(coding === null || compressed === null ? {} : { "content-encoding": coding }),
    },
  });
}

function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim());
  return tags.includes("*") || tags.some((tag) => tag.replace(/^(?:W\/)?/, "W/") === etag);
}

function notBuilt(): Response {
  return new Response(NOT_BUILT, {
    status: 404,
    headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
