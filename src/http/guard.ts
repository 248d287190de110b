/**
 * Who may call. A page in a browser on this machine can reach a server on loopback, by its address or
 * by a name that resolves to it, so a foreign `Origin` or `Host` is refused before anything else.
 */
import { hash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../config/loopback.ts";
import { ProblemError } from "./problem.ts";

export interface GuardOptions {
  /** What callers have to present as `Authorization: Bearer`; null: nothing. */
  readonly token: string | null;
  /** The host names, without port, that are served besides this machine's own; null: any name. */
  readonly hosts: readonly string[] | null;
}

export interface Guard {
  /** @throws ProblemError `foreign-host` */
  checkHost(request: Request): void;
  /** @throws ProblemError `unauthorized` */
  checkToken(request: Request): void;
}

export function createGuard({ token, hosts }: GuardOptions): Guard {
  const served = hosts === null ? null : new Set(hosts.map((host) => host.toLowerCase()));
  const expected = token === null ? null : digest(token);
  // The last host that was let through: nearly every request names the same one.
  let known: string | null = null;

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
        throw foreign("origin", origin, "Only pages that this server delivered may call it from a browser.");
      }
    },
    checkToken(request) {
      if (expected === null) return;
      const given = request.headers.get("authorization");
      if (given !== null && timingSafeEqual(digest(bearerOf(given)), expected)) return;
      throw new ProblemError(
        "unauthorized",
        given === null
          ? "This route needs the header Authorization: Bearer followed by the token of this gateway."
          : "The Authorization header does not hold the token of this gateway.",
        { headers: { "www-authenticate": 'Bearer realm="parlor"' } },
      );
    },
  };
}

/** What stands behind the scheme, whose name has no case; nothing for another scheme. */
function bearerOf(authorization: string): string {
  return /^bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
}

/** Equal lengths, so that the comparison takes the same time whatever was sent. */
function digest(value: string): Buffer {
  return hash("sha256", value, "buffer");
}

/** The host of a URL in the form the `Host` header has; null for `null` and what is no URL. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function foreign(what: string, found: string, advice: string): ProblemError {
  return new ProblemError(
    "foreign-host",
    `The ${what} ${JSON.stringify(found.slice(0, 100))} is not served here. ${advice}`,
  );
}
