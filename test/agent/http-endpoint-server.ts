import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { AgentError, type Agent } from "../../src/agent/agent.ts";
import { createHttpAgent, type HttpAgentOptions } from "../../src/agent/http.ts";
import { agentTurn, partsOf } from "./agent-turn.ts";

export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** What was asked of an endpoint. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  /** Resolves when the response is over: `early` when the connection was closed before its end. */
  readonly closed: Promise<"complete" | "early">;
}

export interface EndpointServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  /** How many connections were made to it. */
  connections(): number;
  /** Resolves with the next question. */
  next(): Promise<Asked>;
}

/** An endpoint on a real socket of loopback that answers every question with `answer`. */
export async function openEndpoint(
  answer: (response: ServerResponse, asked: Asked) => void | Promise<void>,
): Promise<EndpointServer> {
  const asked: Asked[] = [];
  let connections = 0;
  let waiting = Promise.withResolvers<Asked>();

  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const closed = new Promise<"complete" | "early">((resolve) => {
      response.on("close", () => resolve(response.writableFinished ? "complete" : "early"));
    });
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const question: Asked = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: new Headers(incoming.headers as Record<string, string>),
      body: Buffer.concat(chunks).toString(),
      closed,
    };
    asked.push(question);
    waiting.resolve(question);
    waiting = Promise.withResolvers();
    await answer(response, question);
  };

  const server = createServer((incoming, response) => {
    respond(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on("connection", () => void (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The endpoint has no port.");
  return {
    url: `http://127.0.0.1:${address.port}/turns`,
    port: address.port,
    asked,
    connections: () => connections,
    next: () => waiting.promise,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One server-sent event. */
export function sse(event: string, data: unknown = {}): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Answers with an event stream of these pieces. */
export function streaming(...pieces: readonly string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

/** Answers with a status, headers and a body. */
export function answering(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Answers with JSON. */
export function json(answer: unknown): (response: ServerResponse) => void {
  return answering(200, { "content-type": "application/json" }, JSON.stringify(answer));
}

/** An agent that asks this endpoint. */
export function agentOf(server: EndpointServer, options: Partial<HttpAgentOptions> = {}): Agent {
  return createHttpAgent({ endpoint: { url: server.url, secret: SECRET, allowPrivate: true }, ...options });
}

/** What is thrown by a run that is answered like this, and the endpoint's origin. */
export async function faultOf(
  answer: Parameters<typeof openEndpoint>[0],
): Promise<AgentError & { readonly origin: string }> {
  await using server = await openEndpoint(answer);
  try {
    await partsOf(agentOf(server), agentTurn("hello"));
  } catch (error) {
    assert.ok(error instanceof AgentError, String(error));
    return Object.assign(error, { origin: new URL(server.url).origin });
  }
  return assert.fail("the run was answered");
}
