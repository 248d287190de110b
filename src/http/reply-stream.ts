/**
 * The reply to one message as server-sent events:
 *
 *     accepted ──▶ (start ──▶ text | tool | question | answer … ──▶ interrupted?)* ──▶ end
 *
 * Each `start` begins an attempt, and what was streamed before it no longer counts, unless it was interrupted: then it
 * stands, and the next `start` is that of an answer to everything. `end` holds the
 * whole reply as it is stored, whatever was streamed: it also comes when the turn ran on another node.
 *
 * What a slow reader has not taken is bounded: once the buffer is full, live parts are left out and only
 * `end` is waited for. A reader that leaves ends the stream and never the turn.
 */
import type { Clock } from "../lib/clock.ts";
import type { LivePart } from "../turn/live.ts";
import { replyText } from "./event-answer.ts";
import type { Stored } from "./event-answer.ts";
import { writeEvents } from "./event-writer.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { settledReply } from "./settled-reply.ts";

export interface ReplyStreamOptions {
  readonly ports: Pick<GatewayPorts, "awaitReply" | "listen" | "onFault">;
  readonly clock: Clock;
  readonly stored: Stored;
  /** Ends every stream when the gateway closes. */
  readonly closing: AbortSignal;
  /** Called once, when the reader has everything, or has left. */
  readonly onEnd: () => void;
}

export function streamReply({ ports, clock, stored, closing, onEnd }: ReplyStreamOptions): Response {
  const { session, seq } = stored;
  return writeEvents({
    clock,
    onFault: ports.onFault,
    onEnd,
    write: async ({ send, offer }, left) => {
      const ended = AbortSignal.any([closing, left]);
      send(eventText("accepted", stored));
      const stopListening = ports.listen(
        session,
        forwardTurn(seq, (event) => offer(() => event)),
      );
      try {
        const reply = await settledReply(ports, session, seq, ended);
        send(eventText("end", { ...stored, state: reply.state, reply: replyText(reply) }));
      } catch (error) {
        if (!ended.aborted) throw error;
      } finally {
        stopListening();
      }
    },
  });
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
    case "question":
      return eventText("question", part.question);
    case "answer":
      return eventText("answer", { questionId: part.questionId, choice: part.choice });
    case "end":
      return part.outcome === "interrupted" ? eventText("interrupted", { turn: part.turnId }) : null;
  }
}

function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
