import type { Source } from "../core/source.ts";
import type { SaidEvent } from "./openai-accept.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import type { OpenAiAddress } from "./openai-address.ts";
import { OpenAiError } from "./openai-error.ts";
import type { OpenAiErrorCode } from "./openai-error.ts";
import { placeOfResponse } from "./openai-ids.ts";
import type { AnswerPlace } from "./openai-ids.ts";

type Ports = Pick<GatewayPorts, "reader" | "look">;

/** A response that was stored, and where its conversation goes on. */
export interface PreviousResponse extends AnswerPlace {
  readonly source: Source;
}

/** How far back it looks for the newest message: behind it stand the entries of one turn. */
const LOOK_BACK = 50;

/**
 * Finds the response that a call continues. Its id says where it is stored, so that a restart changes nothing.
 *
 * @throws OpenAiError when there is none, or the call names another conversation as well.
 */
export async function findPrevious(
  { reader }: Ports,
  responseId: string,
  address: OpenAiAddress,
): Promise<PreviousResponse> {
  const place = placeOfResponse(responseId);
  if (place === null) throw notFound(UNKNOWN);
  const found = await reader.get(place.sessionId);
  if (found.outcome === "gone") throw notFound(ERASED);
  if (found.outcome === "missing" || found.session.source.platform !== "api") throw notFound(UNKNOWN);
  const reply = await reader.reply(place.sessionId, place.seq);
  if (reply === null) throw notFound(UNKNOWN);
  if (reply.state === "erased") throw notFound(ERASED);
  const { source } = found.session;
  if (address.isExplicit && address.chat !== source.chat) throw elsewhere("chat", "X-Session-Id");
  if (address.user !== null && address.user !== source.user) throw elsewhere("person", "user");
  return { ...place, source };
}

/**
 * Checks that a call continues the last response of its conversation. One that was received before
 * passes: nothing is said again, and it gets the answer it had.
 *
 * @throws OpenAiError when something was said after it, or its conversation is over.
 */
export async function checkContinues(
  { reader, look }: Ports,
  previous: PreviousResponse,
  events: readonly SaidEvent[],
): Promise<void> {
  for (const event of events) if ((await reader.received(event)) !== null) return;
  if ((await look(previous.source)).id !== previous.sessionId) {
    throw cannotContinue(
      "conversation_ended",
      "The conversation of this response was reset, and its history ends there. Leave previous_response_id out to begin another one.",
    );
  }
  const { items } = await reader.transcript(previous.sessionId, { newestFirst: true, limit: LOOK_BACK });
  const newest = items.find(({ role }) => role === "user");
  if (newest?.seq === previous.seq) return;
  throw cannotContinue(
    "not_the_last_response",
    "Something was said in this conversation after this response, and a conversation has no branches. Continue from its last response.",
  );
}

const UNKNOWN =
  "No response with this id was ever stored here. One is stored where a conversation or a user is named, or with store: true.";
const ERASED = "This response was erased with its session.";

function notFound(message: string): OpenAiError {
  return new OpenAiError("previous_response_not_found", message, { param: "previous_response_id" });
}

function cannotContinue(code: OpenAiErrorCode, message: string): OpenAiError {
  return new OpenAiError(code, message, { param: "previous_response_id" });
}

function elsewhere(what: string, name: string): OpenAiError {
  return new OpenAiError(
    "mismatched_conversation",
    `The previous response belongs to another ${what} than ${name} names. Leave one of the two out.`,
    { param: "previous_response_id" },
  );
}
