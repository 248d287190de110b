/** The routes of `/v1` on an app in memory. */
import assert from "node:assert/strict";
import { eventually } from "../turn/eventually.ts";
import type { Answered, AppUnderTest } from "./app-setup.ts";

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

export interface CompletionBody extends ErrorBody {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly message: { readonly role: string; readonly content: string };
    readonly finish_reason: string;
  }[];
  readonly usage: object;
}

export interface ResponseBody extends ErrorBody {
  readonly id: string;
  readonly status: string;
  readonly store: boolean;
  readonly instructions: string | null;
  readonly previous_response_id: string | null;
  readonly conversation: { readonly id: string } | null;
  readonly output: readonly { readonly id: string; readonly content: readonly { readonly text: string }[] }[];
  readonly usage: object;
}

/** Asserts that the answer is an error in OpenAI's shape; its message. */
export function assertOpenAiError(answer: Answered<unknown>, status: number, code: string): string {
  const { error } = answer.body as ErrorBody;
  assert.deepEqual([answer.status, error.code], [status, code], error.message);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual(Object.keys(error).toSorted(), ["code", "message", "param", "type"]);
  return error.message;
}

export type Headers = Readonly<Record<string, string>>;

/** Asks for a chat completion of what a user says, or of these messages. */
export function complete(
  under: AppUnderTest,
  said: string | readonly object[],
  fields: object = {},
  headers: Headers = {},
): Promise<Answered<CompletionBody>> {
  const messages = typeof said === "string" ? [{ role: "user", content: said }] : said;
  return under.call("POST", "/v1/chat/completions", { body: { model: "parlor", messages, ...fields }, headers });
}

/** Asks for a response. */
export function respond(
  under: AppUnderTest,
  input: unknown,
  fields: object = {},
  headers: Headers = {},
): Promise<Answered<ResponseBody>> {
  return under.call("POST", "/v1/responses", { body: { model: "parlor", input, ...fields }, headers });
}

/** Answers the next message as a turn would, as soon as it is stored. */
export async function answerNext(under: AppUnderTest, text: string, pieces?: readonly string[]): Promise<void> {
  await waiting(under);
  await under.answer(text, pieces);
}

/** Resolves once a message waits for its turn. */
export async function waiting(under: AppUnderTest): Promise<void> {
  await eventually(async () => (await under.store.reader.stats()).messages.waiting > 0);
}

/** What the call was answered, after this was said. */
export async function answered<T>(under: AppUnderTest, call: Promise<Answered<T>>, text: string): Promise<T> {
  await answerNext(under, text);
  const { status, body } = await call;
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** What a person said in the session of a chat, oldest first. */
export async function saidIn(under: AppUnderTest, chat: string, from: string = "operator"): Promise<string[]> {
  const { body } = await under.call<{ id: string }>("GET", `/api/chats/${chat}/session?from=${from}`);
  const { items } = await under.store.reader.transcript(body.id, { limit: 200 });
  return items.filter(({ role }) => role === "user").map(({ text }) => text);
}

/** The data of the events in a stream, and the last line when it is `[DONE]`. */
export function chunksIn(text: string): unknown[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) =>
    data === "[DONE]" ? data : (JSON.parse(data) as unknown),
  );
}
