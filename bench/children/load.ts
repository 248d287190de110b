/**
 * Puts a server under load from a process of its own: connections that stay open, each of which sends
 * its next message when the last one was answered. It writes to bare sockets from buffers made in
 * advance and reads no more of an answer than its status and length, so that the server is what is measured.
 */
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { createRandom } from "../random.ts";
import { createText } from "../filled/texts.ts";
import { quantile } from "../statistics.ts";
import { answerParent } from "./parent.ts";

export interface LoadQuestion {
  readonly port: number;
  readonly connections: number;
  readonly forMs: number;
}

export interface LoadAnswer {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How many chats the messages go to. */
const CHATS = 5_000;
const CHAT_DIGITS = 6;
const ID_DIGITS = 12;
const HEADER_END = Buffer.from("\r\n\r\n");

const servers = new Map<number, readonly Caller[]>();
let sent = 0;
let until = 0;
let answered = 0;
let latencies: number[] = [];

class Caller {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #chatAt: number;
  readonly #idAt: number;
  #head: Buffer = Buffer.alloc(0);
  #sentAt = 0;
  #idle: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket, port: number, text: string) {
    this.#socket = socket;
    const body = JSON.stringify({ from: "person", text, id: "0".repeat(ID_DIGITS) });
    this.#request = Buffer.from(
      `POST /api/chats/chat-${"0".repeat(CHAT_DIGITS)}/messages HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    this.#chatAt = this.#request.indexOf("chat-") + "chat-".length;
    this.#idAt = this.#request.lastIndexOf("0".repeat(ID_DIGITS));
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("The server closed a connection that was to stay open.")));
  }

  /** Sends and waits until the time is over and the last answer is there. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#idle = resolve;
      this.#failed = reject;
      this.#send();
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #send(): void {
    sent += 1;
    this.#request.write(String(sent % CHATS).padStart(CHAT_DIGITS, "0"), this.#chatAt, "latin1");
    this.#request.write(String(sent).padStart(ID_DIGITS, "0"), this.#idAt, "latin1");
    this.#sentAt = performance.now();
    this.#socket.write(this.#request);
  }

  #read(chunk: Buffer): void {
    const answer = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = answer.indexOf(HEADER_END);
    if (end < 0 || answer.length < end + HEADER_END.length + contentLength(answer, end)) {
      this.#head = answer;
      return;
    }
    this.#head = Buffer.alloc(0);
    if (answer.toString("latin1", 9, 12) !== "202") {
      this.#failed?.(new Error(`Expected 202; found: ${answer.toString("latin1", 0, 400)}`));
      return;
    }
    const now = performance.now();
    answered += 1;
    latencies.push(now - this.#sentAt);
    if (now < until) this.#send();
    else this.#idle?.();
  }
}

function contentLength(answer: Buffer, end: number): number {
  const found = /\r\ncontent-length: (\d+)/i.exec(answer.toString("latin1", 0, end));
  if (found === null)
    throw new Error(`Expected an answer with a Content-Length; found: ${answer.toString("latin1", 0, end)}`);
  return Number(found[1]);
}

async function open(port: number, connections: number): Promise<readonly Caller[]> {
  const random = createRandom(port);
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      await once(socket, "connect");
      return new Caller(socket, port, createText(random));
    }),
  );
}

async function load({ port, connections, forMs }: LoadQuestion): Promise<LoadAnswer> {
  const callers = servers.get(port) ?? (await open(port, connections));
  servers.set(port, callers);
  answered = 0;
  latencies = [];
  const start = performance.now();
  until = start + forMs;
  await Promise.all(callers.map((caller) => caller.run()));
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: answered / seconds, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

answerParent({}, load, async () => {
  for (const caller of [...servers.values()].flat()) caller.close();
});
