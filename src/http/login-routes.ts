/**
 * How a browser gets in where there is a token: whoever has the token asks for a link, and the code in
 * the link is exchanged for a cookie, once. Where there is no token, nothing is needed and nothing is set.
 */
import { z } from "zod";
import { jsonResponse } from "./json-response.ts";
import { createLoginCodes } from "./login-codes.ts";
import { type PageCookie, clearedPageCookie } from "./page-cookie.ts";
import { ProblemError } from "./problem.ts";
import { parseJson, readBody } from "./request-body.ts";
import type { Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";
import { validate } from "./validate.ts";

const LINK = z.strictObject({
  path: z.string().describe("The link, to be put behind the address of the gateway. It works once."),
  expiresAt: z.int().nullable().describe("Epoch milliseconds; null where no login is needed."),
});

const LOGIN: z.ZodType<{ readonly code: string }> = z.strictObject({
  code: z.string().min(1).max(200).describe("What stands behind #open= in the link."),
});

/** Anyone may send one. */
const MAX_LOGIN_BYTES = 4 * 1024;

/** @param cookie - Null where there is no token. */
export function loginRoutes({ clock }: RouteTools, cookie: PageCookie | null): readonly Route[] {
  const codes = createLoginCodes(clock);
  return [
    {
      method: "POST",
      path: "/api/page/links",
      summary: "Makes a link that logs a browser in to the page, once, within five minutes.",
      // A cookie that was stolen would otherwise renew itself for ever.
      access: "bearer",
      answers: [{ status: 200, summary: "The link.", schema: LINK }],
      problems: ["foreign-host", "unauthorized"],
      handle: () => {
        if (cookie === null) return jsonResponse(200, { path: "/", expiresAt: null });
        const { code, expiresAt } = codes.make();
        return jsonResponse(200, { path: `/#open=${code}`, expiresAt });
      },
    },
    {
      method: "POST",
      path: "/api/page/login",
      summary: "Exchanges the code of a link for a cookie, which the page then calls with.",
      access: "open",
      body: LOGIN,
      answers: [{ status: 204, summary: "The browser is logged in for 30 days." }],
      problems: [
        "invalid-request",
        "foreign-host",
        "unauthorized",
        "too-large",
        "unsupported-media-type",
        "too-many-attempts",
      ],
      handle: async ({ req, env }) => {
        const bytes = await readBody(req.raw, env, MAX_LOGIN_BYTES);
        const { code } = validate(LOGIN, parseJson(req.raw, bytes), "body");
        if (cookie === null) return emptyResponse();
        const outcome = codes.take(code);
        if (outcome === "taken") return emptyResponse(cookie.issue(isSecure(req.raw)));
        throw outcome === "limited" ? tooManyAttempts() : wrongCode();
      },
    },
    {
      method: "POST",
      path: "/api/page/logout",
      summary: "Makes the browser forget its cookie.",
      access: "open",
      answers: [{ status: 204, summary: "It has none any more." }],
      problems: ["foreign-host"],
      handle: ({ req }) => emptyResponse(cookie === null ? null : clearedPageCookie(isSecure(req.raw))),
    },
  ];
}

function emptyResponse(setCookie: string | null = null): Response {
  const headers = { "cache-control": "no-store", ...(setCookie === null ? {} : { "set-cookie": setCookie }) };
  return new Response(null, { status: 204, headers });
}

/**
 * Whether the browser speaks https, with a proxy in between: only then may the cookie be `Secure`, as a
 * browser that speaks http would drop it. Its own word, the origin, counts before the proxy's; a lie
 * about either harms nobody but who tells it.
 */
function isSecure(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin.startsWith("https:");
  return /^https\s*(?:,|$)/i.test(request.headers.get("x-forwarded-proto") ?? "");
}

function wrongCode(): ProblemError {
  return new ProblemError(
    "unauthorized",
    "This link was used before, is older than five minutes, or is of another gateway. Get a new one with: parlor open",
  );
}

function tooManyAttempts(): ProblemError {
  return new ProblemError("too-many-attempts", "Too many wrong links were tried. Get a new one with: parlor open", {
    headers: { "retry-after": "60" },
  });
}
