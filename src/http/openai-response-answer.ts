/**
 * A response, whole or as the events that the official clients put together:
 *
 *     created ─▶ in_progress ─▶ output_item.added ─▶ content_part.added ─▶ output_text.delta … ─▶ output_text.done
 *       ─▶ content_part.done ─▶ output_item.done ─▶ completed, incomplete
 *     from anywhere behind in_progress: ─▶ failed
 */
import { repliesDiffer, streamError } from "./openai-call.ts";
import type { CallAnswer, OpenAiCall } from "./openai-call.ts";
import type { WholeReply } from "./openai-reply.ts";
import { itemIdOf, outputItem, responseObject, textPart } from "./openai-response-object.ts";
import type { ResponseFrame } from "./openai-response-object.ts";
import { createStreamedText } from "./openai-streamed-text.ts";

export function responseAnswer(frame: ResponseFrame, onFault: (error: unknown) => void): CallAnswer {
  return {
    whole: (call, reply) => responseObject(frame, call, { status: "said", reply }),

    stream: async (call, writer, left) => {
      const next = numbered();
      const send = (type: string, fields: object): void => writer.send(next(type, fields));
      const inProgress = responseObject(frame, call, { status: "in_progress" });
      send("response.created", { response: inProgress });
      send("response.in_progress", { response: inProgress });
      send("response.output_item.added", { output_index: 0, item: outputItem(call, null) });
      send("response.content_part.added", { ...partPlace(call), part: textPart("") });
      const delta = (text: string): object => ({ ...partPlace(call), delta: text, logprobs: [] });
      try {
        const streamed = createStreamedText((text) =>
          writer.offer(() => next("response.output_text.delta", delta(text))),
        );
        const reply = await call.reply(streamed, left);
        const rest = streamed.rest(reply.text);
        if (rest === null) throw repliesDiffer();
        if (rest !== "") send("response.output_text.delta", delta(rest));
        sendEnd(send, frame, call, reply);
      } catch (thrown) {
        if (left.aborted) return;
        const error = streamError(thrown, onFault);
        send("response.failed", { response: responseObject(frame, call, { status: "failed", error }) });
      }
    },
  };
}

function sendEnd(
  send: (type: string, fields: object) => void,
  frame: ResponseFrame,
  call: OpenAiCall,
  reply: WholeReply,
): void {
  const { text, finish } = reply;
  send("response.output_text.done", { ...partPlace(call), text, logprobs: [] });
  send("response.content_part.done", { ...partPlace(call), part: textPart(text) });
  send("response.output_item.done", { output_index: 0, item: outputItem(call, reply) });
  send(finish === "done" ? "response.completed" : "response.incomplete", {
    response: responseObject(frame, call, { status: "said", reply }),
  });
}

function partPlace(call: OpenAiCall): object {
  return { item_id: itemIdOf(call), output_index: 0, content_index: 0 };
}

/** Makes the events of a stream, numbered from 0. */
function numbered(): (type: string, fields: object) => string {
  let sequence = 0;
  return (type, fields) => {
    const data = JSON.stringify({ type, sequence_number: sequence, ...fields });
    sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  };
}
