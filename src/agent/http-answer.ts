import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { AgentError, type AgentPart } from "./agent.ts";
import { eventParts, FINISH_REASON, USAGE, usagePart } from "./http-events.ts";

/** The longest answer, in bytes, with everything that an event stream holds besides its words. */
const MAX_BYTES = 16 * 1_048_576;

const ANSWER = z.object({ text: z.string(), usage: USAGE.optional(), finish: FINISH_REASON });

/**
 * The parts of an answer as they arrive; none after `finish`.
 *
 * @param name - What a model is called that the answer does not name.
 * @throws AgentError when it is in no form that was agreed on, too long, or ends early; what Node throws when
 * the connection breaks.
 */
export async function* answerParts(
  response: IncomingMessage,
  { origin, name }: { readonly origin: string; readonly name: string },
): AsyncGenerator<AgentPart> {
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw disagreed(origin, "a compressed answer, which was not asked for");
  const type = mediaType(response);
  const pieces = textOf(response, origin);
  if (type === "text/event-stream") yield* eventParts(pieces, { origin, name });
  else if (type === "application/json") yield* jsonParts(pieces, { origin, name });
  else throw disagreed(origin, "neither application/json nor text/event-stream");
}

async function* jsonParts(
  pieces: AsyncIterable<string>,
  { origin, name }: { readonly origin: string; readonly name: string },
): AsyncGenerator<AgentPart> {
  let text = "";
  for await (const piece of pieces) text += piece;
  const answer = ANSWER.safeParse(parse(text));
  if (!answer.success) throw disagreed(origin, "JSON that is not an object with a text, and usage and finish if any");
  if (answer.data.text !== "") yield { type: "text", text: answer.data.text };
  if (answer.data.usage !== undefined) yield usagePart(answer.data.usage, name);
  yield { type: "finish", reason: answer.data.finish };
}

async function* textOf(response: IncomingMessage, origin: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES)
      throw disagreed(origin, `more than the ${MAX_BYTES / 1_048_576} MiB that an answer may have`);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

function mediaType({ headers }: IncomingMessage): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The error quotes the text.
    return null;
  }
}

function disagreed(origin: string, what: string): AgentError {
  return new AgentError(`${origin} sent ${what}.`, { retryable: false });
}
