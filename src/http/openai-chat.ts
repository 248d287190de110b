import type { Agent } from "../agent/agent.ts";
import { saidEvents } from "./openai-accept.ts";
import { addressOf, idempotencyKeyOf, sourceOfAddress } from "./openai-address.ts";
import { answerCall, directCall, storedCall } from "./openai-call.ts";
import type { OpenAiCall, OpenAiTools } from "./openai-call.ts";
import { chatAnswer } from "./openai-chat-completion.ts";
import { CHAT_REQUEST } from "./openai-chat-request.ts";
import type { ChatRequest } from "./openai-chat-request.ts";
import { agentOfModel, agentOfSession } from "./openai-models.ts";
import { CHAT_REFUSALS, refuse } from "./openai-refusals.ts";
import { newMessages, wholeThread } from "./openai-thread.ts";
import { parseJson, readBody } from "./request-body.ts";
import type { RouteContext } from "./route.ts";
import { validate } from "./validate.ts";

/** Answers as OpenAI's chat completions do: from a session where one is addressed, else from the agent itself. */
export async function postChatCompletion(tools: OpenAiTools, context: RouteContext): Promise<Response> {
  const { ports } = tools;
  const request = context.req.raw;
  const bytes = await readBody(request, context.env, tools.maxBodyBytes);
  const body = validate(CHAT_REQUEST, parseJson(request, bytes), "body");
  refuse({ ...body }, CHAT_REFUSALS);
  const { agent, take } = await chatCall(tools, request, body);
  const answer = chatAnswer({
    model: agent.name,
    includeUsage: body.stream_options?.include_usage === true,
    onFault: ports.onFault,
  });
  return answerCall(tools, request, body.stream === true, take, answer);
}

/** Reads what is said before anything is taken: a call that cannot be is refused before it waits for a place. */
async function chatCall(
  tools: OpenAiTools,
  { headers }: Request,
  body: ChatRequest,
): Promise<{ readonly agent: Agent; readonly take: () => Promise<OpenAiCall> }> {
  const { ports } = tools;
  const { chat, user } = addressOf(headers, body);
  const key = idempotencyKeyOf(headers);
  if (chat === null) {
    const agent = agentOfModel(ports.agents, body.model);
    const thread = wholeThread(body.messages, "messages");
    return { agent, take: () => Promise.resolve(directCall(tools, agent, thread)) };
  }
  const source = sourceOfAddress(chat, user);
  const events = saidEvents(source, newMessages(body.messages, "messages"), key);
  const agent = await agentOfSession(ports, source, body.model);
  return { agent, take: () => storedCall(tools, events, null) };
}
