/**
 * One listening port that serves an app.
 *
 *     listening ──close──▶ draining ──answered, or out of time──▶ closed
 *
 * While it drains nothing new is taken, and a connection ends with the answer it waits for. When the
 * time is over, what is still open is cut off.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RequestError, getRequestListener } from "@hono/node-server";
import { ParlorError, errorMessage } from "../core/errors.ts";
import type { App } from "./app.ts";
import { ProblemError } from "./problem.ts";

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** From the first byte of a request to its last one, in milliseconds. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** A fault that no caller can be told the cause of. */
  readonly onFault: (error: unknown) => void;
}

export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and gives open requests `drainMs` to end. Later calls wait for the first. */
  close(drainMs: number): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the minute that load balancers keep a connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 65_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** How often a draining server looks for connections that have their answer. */
const DRAIN_STEP_MS = 25;

/**
 * Listens.
 *
 * @throws ParlorError `START_FAILED`, with what to do, when the address cannot be had.
 */
export async function openServer(app: App, options: ServerOptions): Promise<HttpServer> {
  const { host, port, onFault, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const listener = getRequestListener(
    (request, bindings) => app.fetch(request, bindings as Parameters<App["fetch"]>[1]),
    {
      hostname: host,
      errorHandler: (error) => {
        if (error instanceof RequestError)
          return new ProblemError("invalid-request", "The URL or the Host header cannot be read.").toResponse();
        onFault(error);
        return new ProblemError("internal", "The gateway met a fault; its log says which.").toResponse();
      },
    },
  );
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (incoming, outgoing) => void listener(incoming, outgoing).catch(onFault),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(startFailed(error, host, port)));
    server.listen(port, host, resolve);
  });
  server.on("error", onFault);

  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const drain = (drainMs: number): Promise<void> =>
    new Promise((resolve) => {
      const step = setInterval(() => server.closeIdleConnections(), DRAIN_STEP_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), drainMs);
      server.close(() => {
        clearInterval(step);
        clearTimeout(deadline);
        resolve();
      });
    });
  const close = (drainMs: number): Promise<void> => (closed ??= drain(drainMs));

  return {
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close,
    [Symbol.asyncDispose]: () => close(0),
  };
}

function startFailed(error: NodeJS.ErrnoException, host: string, port: number): ParlorError {
  return new ParlorError("START_FAILED", startAdvice(error, host, port), { cause: error });
}

function startAdvice(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use. Stop the program that uses it, or set PORT to another port.`;
    case "EACCES":
      return `Port ${port} needs more rights than this process has. Set PORT to 1024 or higher.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This machine has no address ${host}. Set HOST to one it has, such as 127.0.0.1.`;
    default:
      return `Cannot listen on ${host}, port ${port}: ${errorMessage(error)}.`;
  }
}
