/** What the fake model endpoints share: a real HTTP server on loopback that follows a script. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One thing the model does while it answers. */
export type FakeModelStep =
  | { readonly text: string }
  | { readonly reasoning: string }
  /** `id`: default `call_1`, `call_2` and so on within the answer, as small servers count. */
  | { readonly toolCall: { readonly name: string; readonly arguments: string; readonly id?: string } }
  /** Pauses for this time. */
  | { readonly delayMs: number }
  /** Goes on when the promise resolves. */
  | { readonly wait: Promise<unknown> }
  /** Calls the function, while the client is still there. */
  | { readonly run: () => void }
  /** An error in the middle of the stream, in the words of the API. */
  | { readonly error: Readonly<Record<string, unknown>> }
  /** Bytes as they are, in place of the API's framing. */
  | { readonly raw: string }
  /** Ends the connection without a farewell. */
  | "cut"
  /** Says nothing more and keeps the connection. */
  | "hang";

export type FakeModelAnswer =
  | {
      readonly steps: readonly FakeModelStep[];
      /** In the words of the API. Default: its word for a complete answer, or for one that calls tools. */
      readonly finishReason?: string;
      /** Null: none is reported. Default: 11 tokens in, 7 out. */
      readonly usage?: { readonly inputTokens: number; readonly outputTokens: number } | null;
    }
  /** A status other than 200, with a JSON body. */
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the request and never answers it. */
  | "hang"
  /** Takes the request and ends the connection. */
  | "cut";

export interface FakeModelRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed JSON body; null without one. */
  readonly body: unknown;
  /** Resolves when the connection of the response is closed: `early` when the client left first. */
  readonly closed: Promise<"complete" | "early">;
}

export interface FakeModelServer extends AsyncDisposable {
  /** With the port the system gave, such as `http://127.0.0.1:49152/v1`. */
  readonly baseUrl: string;
  /** Every request so far, also those for the list of models. */
  readonly requests: readonly FakeModelRequest[];
  /** Adds answers for the next questions. A question without one is answered with the default. */
  next(...answers: readonly FakeModelAnswer[]): void;
}

export interface FakeModelOptions {
  /** The models it offers; a question to any other is 404. Default: `small` and `large`. */
  readonly models?: readonly string[];
  /** The key it wants; without one it takes any request. */
  readonly apiKey?: string;
  /** What to answer without a script, or how to find that for the body of a question. Default: `Hello.` */
  readonly answer?: FakeModelAnswer | ((question: unknown) => FakeModelAnswer);
}

/** What a fake endpoint reads of a request. */
export interface FakeModelQuestion {
  readonly model: string;
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** How one API puts things. */
export interface FakeModelDialect {
  readonly askPath: string;
  keyOf(headers: IncomingMessage["headers"]): string | null;
  errorBody(status: number, code: string, message: string): unknown;
  /** The server-sent events of one answer, in three pieces. */
  opening(question: FakeModelQuestion): string;
  /** `calls`: how many tools the answer has called before. */
  step(step: FakeModelStep, question: FakeModelQuestion, calls: number): string;
  closing(answer: Extract<FakeModelAnswer, { steps: unknown }>, question: FakeModelQuestion): string;
}

export const DEFAULT_USAGE: { readonly inputTokens: number; readonly outputTokens: number } = {
  inputTokens: 11,
  outputTokens: 7,
};

const HELLO: FakeModelAnswer = { steps: [{ text: "Hello." }] };

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

export async function openFakeModelServer(
  dialect: FakeModelDialect,
  options: FakeModelOptions,
): Promise<FakeModelServer> {
  const models = options.models ?? ["small", "large"];
  const requests: FakeModelRequest[] = [];
  const script: FakeModelAnswer[] = [];

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await recordRequest(incoming, response);
    requests.push(request);
    const refuse = (status: number, code: string, message: string): void =>
      sendJson(response, status, dialect.errorBody(status, code, message));
    if (options.apiKey !== undefined && dialect.keyOf(incoming.headers) !== options.apiKey) {
      refuse(401, "invalid_api_key", `Incorrect API key provided: ${dialect.keyOf(incoming.headers)}.`);
    } else if (request.path === "/v1/models") {
      sendJson(response, 200, { object: "list", data: models.map((id) => ({ id, object: "model" })) });
    } else if (request.path !== dialect.askPath) {
      refuse(404, "not_found", "There is nothing here.");
    } else {
      const question = request.body as FakeModelQuestion;
      const scripted = script.shift();
      if (scripted === undefined && !models.includes(question.model)) {
        refuse(404, "model_not_found", `The model \`${question.model}\` does not exist.`);
      } else await answer(dialect, scripted ?? unscripted(options, question), question, response);
    }
  }

  const server = createServer((incoming, response) => {
    respond(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The fake model server has no port.");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    next: (...answers) => void script.push(...answers),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function unscripted({ answer: given = HELLO }: FakeModelOptions, question: unknown): FakeModelAnswer {
  return typeof given === "function" ? given(question) : given;
}

async function recordRequest(incoming: IncomingMessage, response: ServerResponse): Promise<FakeModelRequest> {
  const closed = new Promise<"complete" | "early">((resolve) => {
    response.on("close", () => resolve(response.writableFinished ? "complete" : "early"));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    body: text === "" ? null : JSON.parse(text),
    closed,
  };
}

async function answer(
  dialect: FakeModelDialect,
  script: FakeModelAnswer,
  question: FakeModelQuestion,
  response: ServerResponse,
): Promise<void> {
  if (script === "hang") return;
  if (script === "cut") return void response.destroy();
  if ("status" in script) return sendJson(response, script.status, script.body ?? {}, script.headers);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(dialect.opening(question));
  let calls = 0;
  for (const step of script.steps) {
    if (response.destroyed) return;
    if (step === "hang") return;
    if (step === "cut") return void response.destroy();
    if (typeof step === "object" && "delayMs" in step) await sleep(step.delayMs);
    else if ("wait" in step) await step.wait;
    else if ("run" in step) step.run();
    else
      await new Promise((resolve) =>
        response.write("raw" in step ? step.raw : dialect.step(step, question, calls), resolve),
      );
    if (isToolCall(step)) calls += 1;
  }
  response.end(dialect.closing(script, question));
}

function isToolCall(step: FakeModelStep): boolean {
  return typeof step === "object" && "toolCall" in step;
}

/** Whether the answer calls tools. */
export function callsTools({ steps }: Extract<FakeModelAnswer, { steps: unknown }>): boolean {
  return steps.some(isToolCall);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
