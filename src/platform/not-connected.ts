/** Errors of a connection that was never made: nothing can have arrived. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Whether a `fetch` that failed with this code cannot have sent anything. */
export function isNotConnected(code: string): boolean {
  return NOT_CONNECTED.has(code);
}
