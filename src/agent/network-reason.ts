const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed",
  EPIPE: "connection closed",
  EPROTO: "no agreement on TLS",
  UND_ERR_SOCKET: "connection closed",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
  UND_ERR_CONNECT_TIMEOUT: "timed out",
  UND_ERR_HEADERS_TIMEOUT: "timed out",
  UND_ERR_BODY_TIMEOUT: "timed out",
};

/**
 * What became of a connection, such as `connection refused`; null when the error is about something else.
 * Node says it in the code of some cause, which may be several causes deep.
 */
export function networkReason(thrown: unknown): string | null {
  let error: unknown = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error; depth += 1) {
    // The one refusal of `fetch` itself, which names it in words only: ports that belong to other protocols.
    if (error.message === "bad port") return "a port that is not opened for HTTP";
    const code = "code" in error ? error.code : null;
    if (typeof code === "string") {
      const reason = NETWORK_REASONS[code];
      if (reason !== undefined) return reason;
      if (/^(ERR_(TLS|SSL)|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/.test(code))
        return `certificate not accepted: ${code}`;
    }
    error = error.cause;
  }
  return null;
}
