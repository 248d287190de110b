/**
 * Who may call. A page in a browser on this machine can reach a server on loopback, by its address or
 * by a name that resolves to it, so a foreign `Origin` or `Host` is refused before anything else.
 */
import { hash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../config/loopback.ts";
import type { PageCookie } from "./page-cookie.ts";
import { ProblemError } from "./problem.ts";

export interface GuardOptions {
  /** What callers have to present as `Authorization: Bearer`; null: nothing. */
  readonly token: string | null;
  /** The host names, without port, that are served besides this machine's own; null: any name. */
  readonly hosts: readonly string[] | null;
  /** The cookie of the page, which counts like the token; null: none does. */
  readonly cookie: PageCookie | null;
}

export interface Guard {
  /** @throws ProblemError `foreign-host` */
  checkHost(request: Request): void;
  /**
   * Takes the token alone. Where none is set, whoever calls has to be on this machine.
   *
   * @throws ProblemError `unauthorized` or `foreign-host`
   */
  checkBearer(request: Request): void;
  /** The same, or the cookie of the page. */
  checkToken(request: Request): void;
}

const OWN_PAGES = "Only pages that this server delivered may call it from a browser.";

/** What proxies say of whom they speak for. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

export function createGuard({ token, hosts, cookie }: GuardOptions): Guard {
  const served = hosts === null ? null : new Set(hosts.map((host) => host.toLowerCase()));
  const expected = token === null ? null : digest(token);
  // The last host that was let through: nearly every request names the same one.
  let known: string | null = null;

  const checkBearer = (request: Request): void => {
    if (expected === null) return checkNearby(request);
    const bearer = bearerOf(request);
    if (bearer !== null && timingSafeEqual(digest(bearer), expected)) return;
    throw unauthorized(
      request.headers.has("authorization")
        ? "The Authorization header does not hold the token of this gateway."
        : "This route needs the header Authorization: Bearer followed by the token of this gateway.",
    );
  };
  const serves = (host: string): boolean => {
    if (served === null) return true;
    const name = host.replace(/:\d*$/, "").toLowerCase();
    return isLoopback(name) || served.has(name);
  };

  return {
    checkHost(request) {
      const host = request.headers.get("host") ?? new URL(request.url).host;
      if (host !== known) {
        if (!serves(host))
          throw foreign("host", host, "Ask for it by its address, or allow the name in the configuration.");
        known = host;
      }
      const origin = request.headers.get("origin");
      if (origin !== null && hostOf(origin) !== host.toLowerCase()) {
        throw foreign("origin", origin, OWN_PAGES);
      }
    },
    checkToken(request) {
      if (bearerOf(request) === null && cookie?.accepts(request.headers.get("cookie") ?? "") === true) {
        if (isOwnPage(request)) return;
        throw unauthorized(
          "The cookie of the page counts for requests of the page alone; programs send Authorization: Bearer.",
        );
      }
      checkBearer(request);
    },
    checkBearer,
  };
}

/**
 * Without a token whoever reaches the port may do everything, so it has to be someone on this machine:
 * not everyone behind a proxy, and not a page of another site, which reads nothing of an answer but could
 * tell from its time what a search has found.
 */
function checkNearby({ headers }: Request): void {
  const proxied = PROXY_HEADERS.find((name) => headers.has(name));
  if (proxied !== undefined) {
    throw unauthorized(
      `This request came through a proxy (${proxied}), so anyone may have sent it, and this gateway has no token. ` +
        "Set PARLOR_TOKEN, and start it again.",
    );
  }
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") throw foreign("site", site, OWN_PAGES);
}

/**
 * Whether a request that a browser adds its cookie to comes from a page of this server. `SameSite` alone
 * would not do: a page on another port of this machine is of the same site. A browser names the site of
 * a request wherever the connection can be trusted, and the origin of one that changes something
 * everywhere; `checkHost` has compared the origin.
 */
function isOwnPage(request: Request): boolean {
  const isReading = request.method === "GET" || request.method === "HEAD";
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || (isReading && site === "none");
  return isReading || request.headers.has("origin");
}

/** What stands behind the scheme, whose name has no case; null for another scheme, which may be a proxy's own. */
function bearerOf({ headers }: Request): string | null {
  return /^bearer(?= |$) *(.*)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** Equal lengths, so that the comparison takes the same time whatever was sent. */
function digest(value: string): Buffer {
  return hash("sha256", value, "buffer");
}

/** The host of a URL in the form the `Host` header has; null for `null` and what is no URL. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError("unauthorized", detail, { headers: { "www-authenticate": 'Bearer realm="parlor"' } });
}

function foreign(what: string, found: string, advice: string): ProblemError {
  return new ProblemError(
    "foreign-host",
    `The ${what} ${JSON.stringify(found.slice(0, 100))} is not served here. ${advice}`,
  );
}
