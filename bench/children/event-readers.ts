/**
 * Readers of live events on bare sockets in a process of their own. They look for the ends of replies
 * and nothing else; one more never reads until it is asked what became of it.
 */
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { answerParent } from "./parent.ts";

export type ReadersQuestion =
  | { readonly ask: "open"; readonly port: number; readonly readers: number }
  /** Waits until every reader has seen the ends of this many replies. */
  | { readonly ask: "wait"; readonly replies: number }
  | { readonly ask: "stalled" };

export interface ReadersAnswer {
  readonly bytes: number;
  /** How many readers were cut off, or whether the stalled one was. */
  readonly cut: number;
}

const END = "event: reply:end\n";
const CUT = "event: cut\n";
const OPEN = "event: open\n";

class Reader {
  readonly socket: Socket;
  #tail = "";
  bytes = 0;
  ends = 0;
  cuts = 0;
  opened = Promise.withResolvers<void>();

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1" });
    this.socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    this.socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.socket.on("error", () => this.socket.destroy());
  }

  #read(chunk: Buffer): void {
    this.bytes += chunk.byteLength;
    const text = this.#tail + chunk.toString("latin1");
    this.ends += count(text, END);
    this.cuts += count(text, CUT);
    if (text.includes(OPEN)) this.opened.resolve();
    // Shorter than any of the three, so that none is counted twice.
    this.#tail = text.slice(1 - CUT.length);
  }
}

function count(text: string, what: string): number {
  let found = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + 1)) found += 1;
  return found;
}

let readers: readonly Reader[] = [];
let stalled: Reader | undefined;

answerParent({}, answer, async () => {
  for (const { socket } of readers) socket.destroy();
  stalled?.socket.destroy();
});

async function answer(question: ReadersQuestion): Promise<ReadersAnswer> {
  switch (question.ask) {
    case "open": {
      readers = Array.from({ length: question.readers }, () => new Reader(question.port));
      stalled = new Reader(question.port);
      await Promise.all([...readers, stalled].map(({ opened }) => opened.promise));
      stalled.socket.pause();
      break;
    }
    case "wait": {
      while (readers.some(({ ends, socket }) => ends < question.replies && !socket.destroyed)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      break;
    }
    case "stalled": {
      if (stalled === undefined) break;
      const closed = once(stalled.socket, "close");
      stalled.socket.resume();
      if (stalled.socket.destroyed || stalled.cuts > 0) break;
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
      return { bytes: stalled.bytes, cut: Number(stalled.cuts > 0 || stalled.socket.closed) };
    }
  }
  return {
    bytes: readers.reduce((sum, { bytes }) => sum + bytes, 0),
    cut: readers.reduce((sum, { cuts }) => sum + cuts, 0),
  };
}
