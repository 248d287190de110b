import type { InboundEvent } from "../core/event.ts";
import { awaitAnswer } from "./await-answer.ts";
import { storedOrAnswered } from "./event-answer.ts";
import { jsonResponse } from "./json-response.ts";
import { streamReply } from "./reply-stream.ts";
import type { RouteTools } from "./route-tools.ts";

/** How the sender of an event wants to be answered. Default: as soon as it is stored. */
export interface AnswerWish {
  /** With the reply, if it comes within this many seconds. */
  readonly waitS: number | undefined;
  /** With the reply as it comes. */
  readonly isStream: boolean;
}

/** Hands an event on and answers its sender: now, later, or as the reply comes. */
export async function answerEvent(
  tools: RouteTools,
  request: Request,
  event: InboundEvent,
  { waitS, isStream }: AnswerWish,
): Promise<Response> {
  const { ports, clock, closing } = tools;
  if (waitS === undefined && !isStream) {
    const answer = storedOrAnswered(await ports.receive(event));
    return answer instanceof Response ? answer : jsonResponse(202, answer);
  }
  const leave = tools.waitingRoom.enter();
  let staysOpen = false;
  try {
    const answer = storedOrAnswered(await ports.receive(event));
    if (answer instanceof Response) return answer;
    if (!isStream) return await awaitAnswer(ports, answer, waitS ?? 0, AbortSignal.any([closing, request.signal]));
    staysOpen = true;
    return streamReply({ ports, clock, stored: answer, closing, onEnd: leave });
  } finally {
    if (!staysOpen) leave();
  }
}
