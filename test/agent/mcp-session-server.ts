/** The toolbox as most servers over HTTP are today: of the protocol before 2026, with sessions that it may forget. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { WebStandardStreamableHTTPServerTransport, type McpServer } from "@modelcontextprotocol/server";

export interface McpSessionServer extends AsyncDisposable {
  readonly url: string;
  /** How many sessions were opened. */
  sessions(): number;
  /** How many of them are not over. */
  open(): number;
  /** How often somebody wanted to hear news. */
  listening(): number;
  /** As after a restart. */
  forget(): void;
}

/** `unknown`: how it answers for a session that it does not know. The protocol has 404, many servers 400. */
export async function openMcpSessionServer(factory: () => McpServer, unknown = 404): Promise<McpSessionServer> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  let opened = 0;
  let listening = 0;
  const begin = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        opened += 1;
        sessions.set(id, transport);
      },
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await factory().connect(transport);
    return transport;
  };
  const listener = getRequestListener(async (request) => {
    if (request.method === "GET") listening += 1;
    const id = request.headers.get("mcp-session-id");
    const transport = id === null ? await begin() : sessions.get(id);
    return transport?.handleRequest(request) ?? new Response("Session not found", { status: unknown });
  });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sessions: () => opened,
    open: () => sessions.size,
    listening: () => listening,
    forget: () => sessions.clear(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
