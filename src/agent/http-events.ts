/** The events in which an endpoint streams its answer. Those of another name are left for later versions. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { z } from "zod";
import { cleanName } from "../core/source.ts";
import { MAX_RETRY_AFTER_MS } from "../lib/retry-after.ts";
import { AgentError, type AgentFault, type AgentPart } from "./agent.ts";
import { AGENT_FAULTS, mayPass } from "./agent-fault.ts";

export const ANSWER_EVENTS = ["text", "reasoning", "tool", "usage", "finish", "error"] as const;

/** The longest event, in characters. */
const MAX_EVENT_LENGTH = 1_048_576;

const COUNT = z.number().int().min(0);

export const FINISH_REASON: z.ZodType<Extract<AgentPart, { type: "finish" }>["reason"]> = z
  .enum(["done", "length", "filtered"])
  .default("done");

export interface Usage {
  readonly model?: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const USAGE: z.ZodType<Usage> = z.object({
  model: z.string().optional(),
  inputTokens: COUNT,
  outputTokens: COUNT,
});

const TEXT = z.object({ text: z.string() });
const TOOL = z.object({ index: COUNT, name: z.string(), state: z.enum(["started", "finished", "failed"]) });
const FINISH = z.object({ reason: FINISH_REASON });
const ERROR = z.object({
  code: z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,63}$/)
    .optional(),
  fault: z.enum(AGENT_FAULTS).optional(),
  retryable: z.boolean().optional(),
  retryAfterMs: z.number().min(0).optional(),
});

export interface Answerer {
  readonly origin: string;
  /** What a model is called that the answer does not name. */
  readonly name: string;
}

export function usagePart({ model, inputTokens, outputTokens }: Usage, name: string): AgentPart {
  return { type: "usage", model: cleanName(model) ?? name, inputTokens, outputTokens };
}

/**
 * The parts in a stream of server-sent events, up to `finish`.
 *
 * @throws AgentError when the endpoint says it failed, sends what was not agreed on, or ends before `finish`.
 */
export async function* eventParts(pieces: AsyncIterable<string>, answerer: Answerer): AsyncGenerator<AgentPart> {
  const { origin } = answerer;
  const events: EventSourceMessage[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (event) => {
      // The parser measures what is left after a piece; the piece that ends an event can make it too long.
      if (event.data.length > MAX_EVENT_LENGTH) throw tooLong(origin);
      events.push(event);
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw tooLong(origin);
    },
  });
  for await (const piece of pieces) {
    parser.feed(piece);
    for (const event of events.splice(0)) {
      const part = readEvent(event, answerer);
      if (part === null) continue;
      yield part;
      if (part.type === "finish") return;
    }
  }
  throw new AgentError(`The answer from ${origin} ended without the event finish.`, { retryable: true });
}

function readEvent({ event, data }: EventSourceMessage, { origin, name }: Answerer): AgentPart | null {
  if (event === undefined) {
    throw new AgentError(`${origin} sent an event without a name; every event needs a line "event: <name>".`, {
      retryable: false,
    });
  }
  if (!isAnswerEvent(event)) return null;
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(parse(data));
    if (parsed.success) return parsed.data;
    throw new AgentError(`${origin} sent an event ${event} whose data is not what the event has to hold.`, {
      retryable: false,
    });
  };
  switch (event) {
    case "text": {
      const { text } = read(TEXT);
      return text === "" ? null : { type: "text", text };
    }
    case "reasoning":
      return { type: "reasoning" };
    case "tool": {
      const { index, name: tool, state } = read(TOOL);
      return { type: "tool", index, name: cleanName(tool) ?? "tool", state };
    }
    case "usage":
      return usagePart(read(USAGE), name);
    case "finish":
      return { type: "finish", reason: read(FINISH).reason };
    case "error":
      throw failure(read(ERROR), origin);
  }
}

function tooLong(origin: string): AgentError {
  return new AgentError(`${origin} sent an event of more than ${MAX_EVENT_LENGTH} characters.`, { retryable: false });
}

function isAnswerEvent(name: string): name is (typeof ANSWER_EVENTS)[number] {
  return (ANSWER_EVENTS as readonly string[]).includes(name);
}

function failure({ code, fault: said, retryable, retryAfterMs }: z.infer<typeof ERROR>, origin: string): AgentError {
  const fault: AgentFault | undefined = said ?? (code === "context_overflow" ? "context" : undefined);
  const word = code ?? fault ?? "in the middle of its answer";
  const what =
    fault === "context" ? `finds the conversation too long (${word}). Reset the session.` : `failed (${word}).`;
  return new AgentError(`${origin} ${what}`, {
    ...(fault === undefined ? {} : { fault }),
    retryable: retryable ?? (fault === undefined || mayPass(fault)),
    retryAfterMs: retryAfterMs === undefined ? null : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
  });
}

/** Without data, an event holds an empty object. */
function parse(data: string): unknown {
  try {
    return data === "" ? {} : JSON.parse(data);
  } catch {
    // The error quotes the data.
    return null;
  }
}
