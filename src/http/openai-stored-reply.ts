import type { ReplyState } from "../store/reader.ts";
import type { LivePart } from "../turn/live.ts";
import { OpenAiError } from "./openai-error.ts";
import type { OpenAiErrorCode } from "./openai-error.ts";
import type { AnswerPlace } from "./openai-ids.ts";
import type { AskReply, ReplyListener, WholeReply } from "./openai-reply.ts";
import type { RouteTools } from "./route-tools.ts";
import { settledReply } from "./settled-reply.ts";

/**
 * The reply to a stored message: heard from the turn that answers it, taken from the store. Whoever
 * waits may leave; the turn goes on.
 */
export function storedReply(
  { ports, closing }: Pick<RouteTools, "ports" | "closing">,
  { sessionId, seq }: AnswerPlace,
  options: { readonly mayRetry: boolean },
): AskReply {
  return async (listener, left) => {
    const signal = AbortSignal.any([closing, left]);
    const stopListening = listener === null ? null : ports.listen(sessionId, partsOfTurn(seq, listener));
    try {
      return wholeReply(await settledReply(ports, sessionId, seq, signal));
    } catch (error) {
      throw closing.aborted ? closingError(options.mayRetry) : error;
    } finally {
      stopListening?.();
    }
  };
}

/** Passes on what the turn says that answers `seq`. */
function partsOfTurn(seq: number, listener: ReplyListener): (part: LivePart) => void {
  let turnId: string | null = null;
  return (part) => {
    if (part.type === "start") {
      turnId = part.seqs.includes(seq) ? part.turnId : null;
      if (turnId !== null) listener.begin();
    } else if (part.type === "text" && part.turnId === turnId) listener.hear(part.text);
  };
}

/** What the agent said. What Parlor adds for people, such as that a new conversation has begun, is left out. */
function wholeReply({ state, entries, usage }: ReplyState): WholeReply {
  switch (state) {
    case "answered": {
      const said = entries.filter(({ role }) => role === "assistant").map(({ text }) => text);
      return { text: said.join("\n\n"), usage, finish: "done" };
    }
    case "dead":
      throw failed("turn_failed", GAVE_UP);
    case "cancelled":
      throw failed("turn_cancelled", "The message was cancelled before it was answered.");
    case "erased":
      throw new OpenAiError("gone", "The session was erased before the message was answered.");
    case "waiting":
    case "running":
    case "overheard":
      throw new Error(`a message that is ${state} was taken for settled`);
  }
}

const GAVE_UP = "The agent gave up on this message. The transcript of its session has the reason.";

/** The message is stored and settled: sent again by the client itself, it would be said a second time. */
function failed(code: OpenAiErrorCode, message: string): OpenAiError {
  return new OpenAiError(code, message, { mayRetry: false });
}

function closingError(mayRetry: boolean): OpenAiError {
  return new OpenAiError(
    "unavailable",
    "The gateway is closing. The message is stored and will be answered: send the call again with the same Idempotency-Key for the reply, or read the session's transcript.",
    { headers: { "retry-after": "1" }, ...(mayRetry ? {} : { mayRetry: false }) },
  );
}
