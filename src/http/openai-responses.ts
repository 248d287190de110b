import type { Agent } from "../agent/agent.ts";
import type { Source } from "../core/source.ts";
import { saidEvents } from "./openai-accept.ts";
import { addressOf, idempotencyKeyOf, newConversation, sourceOfAddress } from "./openai-address.ts";
import type { OpenAiAddress } from "./openai-address.ts";
import { answerCall, directCall, storedCall } from "./openai-call.ts";
import type { OpenAiCall, OpenAiTools } from "./openai-call.ts";
import { OpenAiError } from "./openai-error.ts";
import { agentOfModel, agentOfSession } from "./openai-models.ts";
import { findPrevious } from "./openai-previous-response.ts";
import type { PreviousResponse } from "./openai-previous-response.ts";
import { RESPONSE_REFUSALS, refuse } from "./openai-refusals.ts";
import { responseAnswer } from "./openai-response-answer.ts";
import { RESPONSE_REQUEST, isReference, messagesOfInput } from "./openai-response-request.ts";
import type { ResponseRequest } from "./openai-response-request.ts";
import { newMessages, wholeThread } from "./openai-thread.ts";
import { parseJson, readBody } from "./request-body.ts";
import type { RouteContext } from "./route.ts";
import { validate } from "./validate.ts";

/** Answers as OpenAI's responses do: from a session where one is addressed or asked for, else from the agent itself. */
export async function postResponse(tools: OpenAiTools, context: RouteContext): Promise<Response> {
  const { ports } = tools;
  const request = context.req.raw;
  const bytes = await readBody(request, context.env, tools.maxBodyBytes);
  const body = validate(RESPONSE_REQUEST, parseJson(request, bytes), "body");
  refuse({ ...body }, RESPONSE_REFUSALS);
  const named = agentOfModel(ports.agents, body.model);
  const address = addressOf(request.headers, body);
  checkAgreement(body, address);
  const key = idempotencyKeyOf(request.headers);
  const previousId = body.previous_response_id ?? null;
  const previous = previousId === null ? null : await findPrevious(ports, previousId, address);
  const source = previous?.source ?? newSource(body, address, key);
  const agent = source === null ? named : await agentOfSession(ports, source, body.model);
  const instructions = source === null ? (body.instructions ?? null) : null;
  const frame = { model: agent.name, instructions, previousId, conversation: source?.chat ?? null };
  const take =
    source === null ? directResponse(tools, agent, body) : storedResponse(tools, body, { source, key, previous });
  return answerCall(tools, request, body.stream === true, take, responseAnswer(frame, ports.onFault));
}

/** Where a call goes that continues no response; null: to the agent itself. */
function newSource({ store }: ResponseRequest, address: OpenAiAddress, key: string | null): Source | null {
  const { chat, user, isExplicit } = address;
  // A call of which nothing may be kept and that names a person only says who asks, and addresses no chat.
  if (chat !== null && (isExplicit || store !== false)) return sourceOfAddress(chat, user);
  return store === true ? sourceOfAddress(newConversation(key), user) : null;
}

function storedResponse(
  tools: OpenAiTools,
  { input }: ResponseRequest,
  at: { readonly source: Source; readonly key: string | null; readonly previous: PreviousResponse | null },
): () => Promise<OpenAiCall> {
  const events = saidEvents(at.source, newMessages(messagesOfInput(input), "input"), at.key);
  return () => storedCall(tools, events, at.previous);
}

function directResponse(tools: OpenAiTools, agent: Agent, body: ResponseRequest): () => Promise<OpenAiCall> {
  checkWhole(body.input);
  const { instructions, ...said } = wholeThread(messagesOfInput(body.input), "input");
  const all = [body.instructions, instructions].filter((text) => text !== null && text !== undefined);
  const thread = { ...said, instructions: all.length === 0 ? null : all.join("\n\n") };
  return () => Promise.resolve(directCall(tools, agent, thread));
}

/** @throws OpenAiError when a call without a session refers to what it would have to bring. */
function checkWhole(input: ResponseRequest["input"]): void {
  const index = typeof input === "string" ? -1 : input.findIndex(isReference);
  if (index === -1) return;
  const param = `input.${index}`;
  throw new OpenAiError(
    "invalid_value",
    `${param}: What a call without a session refers to was not stored. Send the text itself, or address a conversation.`,
    { param },
  );
}

/** @throws OpenAiError when two fields name a conversation, or one does in a call of which nothing may be kept. */
function checkAgreement(
  { conversation, previous_response_id: previous, store }: ResponseRequest,
  address: OpenAiAddress,
): void {
  const continues = previous !== null && previous !== undefined;
  if (continues && conversation !== null && conversation !== undefined) {
    throw new OpenAiError(
      "mutually_exclusive_parameters",
      "previous_response_id and conversation both say which conversation goes on. Leave one of the two out.",
      { param: "previous_response_id" },
    );
  }
  if (store === false && (continues || address.isExplicit)) {
    throw new OpenAiError(
      "invalid_value",
      "store: A call to a conversation is stored in it. Leave out store, or what names the conversation.",
      { param: "store" },
    );
  }
}
