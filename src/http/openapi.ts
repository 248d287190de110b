/** The OpenAPI document, made from the table of routes and the schemas that check what comes in. */
import { z } from "zod";
import { OPENAI_ERROR, isOpenAiPath } from "./openai-error.ts";
import { COOKIE_NAME } from "./page-cookie.ts";
import { PROBLEMS } from "./problem.ts";
import type { ProblemName } from "./problem.ts";
import type { Answer, Route } from "./route.ts";

type Json = { readonly [name: string]: unknown };

export function createOpenApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: "3.1.0",
    info: { title: "Parlor", version, description: "Sessions of an AI agent behind chat platforms." },
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        page: { type: "apiKey", in: "cookie", name: COOKIE_NAME },
      },
      schemas: { Problem: schemaOf(PROBLEM), OpenAiError: schemaOf(OPENAI_ERROR) },
    },
  };
}

const PROBLEM = z.object({
  type: z.string().describe("urn:parlor:problem: and the name of the problem."),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

function operation({ method, path, summary, access, query, body, answers, problems }: Route): Json {
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z]+([a-z])?/gi, (_, letter?: string) => letter?.toUpperCase() ?? "")}`,
    ...(access === "token" ? { security: [{}, { token: [] }, { page: [] }] } : {}),
    ...(access === "bearer" ? { security: [{}, { token: [] }] } : {}),
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: schemaOf(body) } } } }),
    responses: { ...successes(answers), ...failures(path, problems) },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

/** Answers with the same status are alternatives: by media type. */
function successes(answers: readonly Answer[]): Json {
  const responses: Record<string, { description: string; content: Record<string, Json> }> = {};
  for (const { status, summary, mediaType = "application/json", schema } of answers) {
    const response = (responses[status] ??= { description: summary, content: {} });
    response.content[mediaType] = schema === undefined ? { schema: { type: "string" } } : { schema: schemaOf(schema) };
  }
  return responses;
}

function failures(path: string, problems: readonly ProblemName[]): Json {
  const content = isOpenAiPath(path)
    ? { "application/json": { schema: { $ref: "#/components/schemas/OpenAiError" } } }
    : { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  const responses: Record<string, Json> = {};
  for (const [status, names] of Map.groupBy(problems, (name) => PROBLEMS[name].status)) {
    responses[status] = {
      description: names.map((name) => `\`${name}\`: ${PROBLEMS[name].title}.`).join(" "),
      content,
    };
  }
  return responses;
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input" });
  return json;
}
