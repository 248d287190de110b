import { isIP } from "node:net";
import { isPublicAddress } from "../lib/public-address.ts";
import { placeOf, type Findings } from "./findings.ts";
import { isLoopback } from "./loopback.ts";

/** Finds what is wrong with the address of what is asked over HTTP. `key`: where its `url` and `allowPrivate` are. */
export function checkHttpAddress(
  url: string,
  { key, allowPrivate }: { readonly key: string; readonly allowPrivate: boolean },
  { places, problems, notes }: Findings,
): void {
  if (allowPrivate) return;
  const { protocol, hostname } = new URL(url);
  const place = placeOf(places, `${key}.url`);
  if (isPrivateHost(hostname)) {
    problems.push(
      `${place} is on this machine or in a private network, which has to be allowed; set ${key}.allowPrivate to true.`,
    );
  } else if (protocol === "http:") {
    notes.push(`${place} is not https: what is said can be read on the way there.`);
  }
}

/** What can be seen without a lookup; the rest shows when it is asked. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isLoopback(host) || (isIP(host) !== 0 && !isPublicAddress(host));
}
