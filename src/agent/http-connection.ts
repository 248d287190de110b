import { lookup as systemLookup } from "node:dns";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "../lib/public-address.ts";
import type { CheckedHttpEndpoint } from "./http-endpoint.ts";

/** A host that stands for an address of this machine or of a private network, where none is allowed. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
  readonly address: string;

  constructor(address: string) {
    super("The address is not one of the public internet.");
    this.address = address;
  }
}

export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborted, it closes the connection, also while the response is read. */
  readonly signal: AbortSignal;
  /** How a name becomes addresses. Default: the way of the system. */
  readonly lookup?: LookupFunction | undefined;
}

export interface HttpRequest extends Omit<Post, "body"> {
  readonly method: string;
  readonly body?: string | undefined;
  /** Whether the address may be one of this machine or of a private network. */
  readonly allowPrivate: boolean;
}

/** Posts to the endpoint of an agent; see `requestOnce`. */
export function post({ url, allowPrivate }: CheckedHttpEndpoint, options: Post): Promise<IncomingMessage> {
  return requestOnce(url, { ...options, method: "POST", allowPrivate });
}

/**
 * Asks once, over a connection of its own, and gives the response as soon as its headers are there. No
 * redirect is followed and no proxy is asked. An address is judged between the lookup and the connection
 * that is made to it, so no second lookup can give another one.
 *
 * @throws PrivateAddressError before anything is sent; what Node throws when there is no response.
 */
export function requestOnce(
  url: URL,
  { method, headers, body, signal, lookup, allowPrivate }: HttpRequest,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  // What is an address already is not looked up.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(new PrivateAddressError(host));
  const resolve = lookup ?? systemLookup;
  const { promise, resolve: respond, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    method,
    headers: body === undefined ? { ...headers } : { ...headers, "content-length": Buffer.byteLength(body) },
    agent: false,
    lookup: allowPrivate ? resolve : publicOnly(resolve),
    signal,
  });
  request.on("response", respond);
  request.on("error", reject);
  // A server that switches to another protocol leaves neither a response nor an error.
  request.on("close", () => reject(Object.assign(new Error("The connection was closed."), { code: "ECONNRESET" })));
  request.end(body);
  return promise;
}

/** Of several addresses one that is not public is enough: no choice between them is left to a name's owner. */
function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const addresses = typeof found === "string" ? [found] : (found ?? []).map(({ address }) => address);
      const refused = error === null ? addresses.find((address) => !isPublicAddress(address)) : undefined;
      if (refused === undefined) callback(error, found, family);
      else callback(new PrivateAddressError(refused), found, family);
    });
}
