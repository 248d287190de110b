import { createOneByOne } from "./one-by-one.ts";
import { CHAT_COMPLETION } from "./openai-chat-completion.ts";
import { CHAT_REQUEST } from "./openai-chat-request.ts";
import { postChatCompletion } from "./openai-chat.ts";
import { OPENAI_ERROR } from "./openai-error.ts";
import { OPENAI_MODEL, OPENAI_MODELS, agentOfModel, modelList, modelView } from "./openai-models.ts";
import { RESPONSE_OBJECT } from "./openai-response-object.ts";
import { RESPONSE_REQUEST } from "./openai-response-request.ts";
import { postResponse } from "./openai-responses.ts";
import type { ProblemName } from "./problem.ts";
import { jsonResponse } from "./json-response.ts";
import { pathParameter } from "./route.ts";
import type { Answer, Route } from "./route.ts";
import type { RouteTools } from "./route-tools.ts";

const PROBLEMS: readonly ProblemName[] = [
  "invalid-request",
  "foreign-host",
  "unauthorized",
  "not-found",
  "conflict",
  "gone",
  "too-large",
  "unsupported-media-type",
  "too-many-waiting",
  "session-full",
  "unavailable",
];

const FAILED: Answer = { status: 502, summary: "The agent could not answer.", schema: OPENAI_ERROR };

/** What clients of OpenAI's API call. */
export function openAiRoutes(routeTools: RouteTools): readonly Route[] {
  const tools = { ...routeTools, oneByOne: createOneByOne() };
  const { agents } = tools.ports;
  return [
    {
      method: "POST",
      path: "/v1/chat/completions",
      summary: "Answers as OpenAI's chat completions do. With stream: true the reply is streamed.",
      access: "token",
      body: CHAT_REQUEST,
      answers: [
        { status: 200, summary: "The reply.", schema: CHAT_COMPLETION },
        { status: 200, summary: "Its chunks.", mediaType: "text/event-stream" },
        FAILED,
      ],
      problems: PROBLEMS,
      handle: (context) => postChatCompletion(tools, context),
    },
    {
      method: "POST",
      path: "/v1/responses",
      summary: "Answers as OpenAI's responses do. With stream: true the reply is streamed.",
      access: "token",
      body: RESPONSE_REQUEST,
      answers: [
        { status: 200, summary: "The response.", schema: RESPONSE_OBJECT },
        { status: 200, summary: "Its events.", mediaType: "text/event-stream" },
        FAILED,
      ],
      problems: PROBLEMS,
      handle: (context) => postResponse(tools, context),
    },
    {
      method: "GET",
      path: "/v1/models",
      summary: "The agents, as OpenAI lists models.",
      access: "token",
      answers: [{ status: 200, summary: "The agents.", schema: OPENAI_MODELS }],
      problems: ["foreign-host", "unauthorized"],
      handle: () => jsonResponse(200, modelList(agents)),
    },
    {
      method: "GET",
      path: "/v1/models/{model}",
      summary: "One agent, as OpenAI shows a model; parlor is the one that answers.",
      access: "token",
      answers: [{ status: 200, summary: "The agent.", schema: OPENAI_MODEL }],
      problems: ["foreign-host", "unauthorized", "not-found"],
      handle: (context) => {
        const model = pathParameter(context, "model");
        agentOfModel(agents, model);
        return jsonResponse(200, modelView(model));
      },
    },
  ];
}
