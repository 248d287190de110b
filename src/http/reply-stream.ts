/**
 * The reply to one message as server-sent events:
 *
 *     accepted ──▶ (start ──▶ text | tool …)* ──▶ end
 *
 * Each `start` begins an attempt, and what was streamed before it no longer counts. `end` holds the
 * whole reply as it is stored, whatever was streamed: it also comes when the turn ran on another node.
 *
 * What a slow reader has not taken is bounded: once the buffer is full, live parts are left out and only
 * `end` is waited for. A reader that leaves ends the stream and never the turn.
 */
import type { Clock } from "../lib/clock.ts";
import type { LivePart } from "../turn/live.ts";
import { replyText } from "./event-answer.ts";
import type { Stored } from "./event-answer.ts";
import type { GatewayPorts } from "./gateway-ports.ts";

export interface ReplyStreamOptions {
  readonly ports: Pick<GatewayPorts, "awaitReply" | "listen" | "onFault">;
  readonly clock: Clock;
  readonly stored: Stored;
  /** Ends every stream when the gateway closes. */
  readonly closing: AbortSignal;
  /** Called once, when the stream is over for whatever reason. */
  readonly onEnd: () => void;
}

/** How much is kept for a reader that does not read, in bytes. */
const BUFFER_BYTES = 256 * 1024;

/** How often a silent stream shows that it is alive, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** How long one wait for the reply is; they follow each other until the message is settled. */
const ROUND_MS = 60_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Reverse proxies keep answers together until they are complete, unless they are told not to.
  "x-accel-buffering": "no",
};

export function streamReply({ ports, clock, stored, closing, onEnd }: ReplyStreamOptions): Response {
  const left = new AbortController();
  const ended = AbortSignal.any([closing, left.signal]);
  const { session, seq } = stored;
  let stop = (): void => {};

  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const send = (text: string): void => controller.enqueue(encoder.encode(text));
    const isRoomy = (): boolean => (controller.desiredSize ?? 0) > 0;
    send(eventText("accepted", stored));

    const forward = forwardTurn(seq, (part) => isRoomy() && (send(part), true));
    const stopListening = ports.listen(session, forward);
    let stopBeating = (): void => {};
    const beat = (): void => {
      stopBeating = clock.timer(HEARTBEAT_MS, () => {
        if (isRoomy()) send(":\n\n");
        beat();
      });
    };
    beat();
    stop = () => {
      stopListening();
      stopBeating();
      onEnd();
      stop = () => {};
    };
    void settle(ports, stored, ended).then(
      (end) => {
        stop();
        send(end);
        controller.close();
      },
      (error: unknown) => {
        stop();
        if (!ended.aborted) ports.onFault(error);
        // After a reader has left, its stream is closed already.
        if (!left.signal.aborted) controller.close();
      },
    );
  };

  const body = new ReadableStream<Uint8Array>(
    {
      start,
      cancel: () => left.abort(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );
  return new Response(body, { status: 200, headers: HEADERS });
}

/** Waits until the message is settled, however long that takes, and tells how. */
async function settle(ports: Pick<GatewayPorts, "awaitReply">, stored: Stored, signal: AbortSignal): Promise<string> {
  for (;;) {
    const reply = await ports.awaitReply(stored.session, stored.seq, { timeoutMs: ROUND_MS, signal });
    if (reply !== null) return eventText("end", { ...stored, state: reply.state, reply: replyText(reply) });
    signal.throwIfAborted();
  }
}

/** Passes on what belongs to the turn that answers `seq`, until the reader falls behind in an attempt. */
function forwardTurn(seq: number, offer: (text: string) => boolean): (part: LivePart) => void {
  let turnId: string | null = null;
  let isBehind = false;
  return (part) => {
    if (part.type === "start") {
      turnId = part.seqs.includes(seq) ? part.turnId : null;
      isBehind = false;
    }
    if (part.turnId !== turnId || isBehind) return;
    const text = partText(part);
    if (text !== null) isBehind = !offer(text);
  };
}

function partText(part: LivePart): string | null {
  switch (part.type) {
    case "start":
      return eventText("start", { turn: part.turnId, attempt: part.attempt });
    case "text":
      return eventText("text", { text: part.text });
    case "tool":
      return eventText("tool", { index: part.index, name: part.name, state: part.state });
    case "end":
      return null;
  }
}

const encoder = new TextEncoder();

function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
