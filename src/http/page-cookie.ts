/**
 * The cookie of a login to the page. It holds when it ends and a signature by a key made from the token
 * of the gateway, and nothing is kept of it: it outlives a restart, and another token ends every one.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Clock } from "../lib/clock.ts";

export const COOKIE_NAME = "parlor_page";

/** How long a login lasts. */
const LIFE_MS = 30 * 24 * 60 * 60 * 1_000;

export interface PageCookie {
  /** The `Set-Cookie` header that logs a browser in. */
  issue(isSecure: boolean): string;
  /** Whether a `Cookie` header holds a login that has not ended. */
  accepts(header: string): boolean;
}

export function createPageCookie({ token, clock }: { readonly token: string; readonly clock: Clock }): PageCookie {
  // Derived, so that a cookie is no sample of anything else the token may ever sign.
  const key = Buffer.from(hkdfSync("sha256", token, "", "parlor page login 1", 32));
  const signatureOf = (endsAt: string): Buffer => createHmac("sha256", key).update(endsAt).digest();

  const isLogin = (value: string): boolean => {
    const [, endsAt = "", signature = ""] = /^(\d{1,15})\.([\w-]{43})$/.exec(value) ?? [];
    const given = Buffer.from(signature, "base64url");
    const expected = signatureOf(endsAt);
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(endsAt) > clock.now();
  };

  return {
    issue: (isSecure) => {
      const endsAt = String(clock.now() + LIFE_MS);
      return setCookie(`${endsAt}.${signatureOf(endsAt).toString("base64url")}`, LIFE_MS, isSecure);
    },
    // A browser sends every cookie of that name, such as one of a longer path; any of them will do.
    accepts: (header) => cookiesIn(header).some(isLogin),
  };
}

/** The `Set-Cookie` header that logs a browser out. */
export function clearedPageCookie(isSecure: boolean): string {
  return setCookie("", 0, isSecure);
}

function setCookie(value: string, lifeMs: number, isSecure: boolean): string {
  const attributes = [
    "Path=/",
    `Max-Age=${lifeMs / 1_000}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(isSecure ? ["Secure"] : []),
  ];
  return [`${COOKIE_NAME}=${value}`, ...attributes].join("; ");
}

/** The values of the page's cookie in a `Cookie` header. */
function cookiesIn(header: string): readonly string[] {
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${COOKIE_NAME}=`))
    .map((pair) => pair.slice(COOKIE_NAME.length + 1));
}
