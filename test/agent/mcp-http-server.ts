/** The toolbox over streamable HTTP, on loopback. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createMcpHandler, type McpServer } from "@modelcontextprotocol/server";

export interface McpHttpServer extends AsyncDisposable {
  readonly url: string;
  /** The authorization of every request so far. */
  readonly tokens: readonly (string | null)[];
  /** Answers so many of the next requests with this status. Default: all. */
  refuse(status: number, times?: number, headers?: Readonly<Record<string, string>>): void;
  /** How many requests are not over. */
  open(): number;
}

export async function openMcpHttpServer(factory: () => McpServer): Promise<McpHttpServer> {
  const handler = createMcpHandler(factory);
  const tokens: (string | null)[] = [];
  let refusal = { status: 0, times: 0, more: {} };
  let open = 0;
  const listener = getRequestListener((request) => {
    tokens.push(request.headers.get("authorization"));
    if (refusal.times === 0) return handler.fetch(request);
    const { status, times, more } = refusal;
    refusal = { status, times: times - 1, more };
    const headers = { location: "http://127.0.0.1:9/", "content-type": "text/plain", ...more };
    return new Response("You said wisteria.", { status, headers });
  });
  const server = createServer((request, response) => {
    open += 1;
    response.once("close", () => (open -= 1));
    void listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    tokens,
    refuse: (status, times = Infinity, more = {}) => void (refusal = { status, times, more }),
    open: () => open,
    [Symbol.asyncDispose]: async () => {
      await handler.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
