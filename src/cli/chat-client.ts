/**
 * One chat of a gateway, over HTTP. Every call is one try: what may succeed when it is made again is a
 * retryable `ParlorError`, whose message is the reason alone and can stand in a sentence.
 */
import { createParser } from "eventsource-parser";
import { createTimeLimit } from "../agent/time-limit.ts";
import { ParlorError, errorMessage } from "../core/errors.ts";
import type { Entry } from "../core/transcript.ts";
import { systemClock } from "../lib/clock.ts";
import { type ChatEvent, readChatEvent } from "./chat-event.ts";

export interface ChatClientOptions {
  /** Where the gateway listens, without a path. */
  readonly url: string;
  readonly token: string | null;
  readonly chat: string;
  /** The id of the person who speaks. */
  readonly from: string;
}

export interface ChatSession {
  readonly id: string;
  readonly state: "draft" | "live" | "ended";
  readonly title: string | null;
  readonly lastSeq: number;
}

export interface ChatMessage {
  /** The sender's id of the message: sent again with the same one, it is the same message. */
  readonly id: string;
  readonly text: string;
}

export interface ChatClient {
  /** The session that the next message goes to, draft or stored. */
  look(): Promise<ChatSession>;
  /** The newest entries of a stored session, oldest first. */
  recent(session: ChatSession, count: number): Promise<readonly Entry[]>;
  /** Says something and yields what comes of it; when it ends without `end` or `command`, the connection broke. */
  post(message: ChatMessage, signal: AbortSignal): AsyncGenerator<ChatEvent>;
  /** Answers a question of the agent. */
  choose(answer: { readonly session: string; readonly questionId: string; readonly choice: string }): Promise<void>;
}

/** The gateway sends something every 15 seconds; what is silent for longer is no connection any more. In milliseconds. */
const SILENCE_MS = 45_000;

export function createChatClient({ url, token, chat, from }: ChatClientOptions): ChatClient {
  const base = `${url}/api/chats/${encodeURIComponent(chat)}`;
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };

  const ask = async (path: string): Promise<unknown> => {
    const response = await connect(path, { headers: authorization, signal: AbortSignal.timeout(SILENCE_MS) });
    return await readJson(response, url);
  };

  return {
    look: async () => (await ask(`${base}/session?${new URLSearchParams({ from }).toString()}`)) as ChatSession,
    recent: async ({ id, lastSeq }, count) => {
      const query = new URLSearchParams({ after: String(Math.max(0, lastSeq - count)), limit: String(count) });
      const { messages } = (await ask(`${url}/api/sessions/${id}/messages?${query.toString()}`)) as {
        readonly messages: readonly (Omit<Entry, "turnId" | "sessionId"> & { readonly turn: string | null })[];
      };
      return messages.map(({ turn, ...entry }) => ({ ...entry, sessionId: id, turnId: turn }));
    },
    choose: async ({ session, questionId, choice }) => {
      const response = await connect(`${url}/api/sessions/${encodeURIComponent(session)}/question`, {
        method: "POST",
        headers: { ...authorization, "content-type": "application/json" },
        body: JSON.stringify({ questionId, choice }),
        signal: AbortSignal.timeout(SILENCE_MS),
      });
      await readJson(response, url);
    },
    async *post({ id, text }, left) {
      using silence = createTimeLimit(systemClock, SILENCE_MS);
      silence.restart();
      const signal = AbortSignal.any([left, silence.signal]);
      const response = await connect(`${base}/messages`, {
        method: "POST",
        headers: { ...authorization, "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ from, text, id }),
        signal,
      });
      if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
        const { reply } = (await readJson(response, url)) as { readonly reply?: string | null };
        yield { type: "command", reply: reply ?? "" };
        return;
      }
      yield* eventsOf(response, silence.restart);
    },
  };
}

async function* eventsOf(response: Response, onBytes: () => void): AsyncGenerator<ChatEvent> {
  const events: ChatEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const read = readChatEvent(event, data);
      if (read !== null) events.push(read);
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) {
      onBytes();
      parser.feed(decoder.decode(bytes as Uint8Array<ArrayBuffer>, { stream: true }));
      yield* events.splice(0);
    }
  } catch (error) {
    throw broken(error);
  }
}

async function connect(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "error" });
  } catch (error) {
    throw broken(error);
  }
}

/** @throws ParlorError for a problem document, and for what is no JSON. */
async function readJson(response: Response, url: string): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && typeof body === "object" && body !== null) return body;
  const detail = typeof body === "object" && body !== null && "detail" in body ? String(body.detail) : "";
  switch (response.status) {
    case 401:
      throw new ParlorError(
        "GATEWAY_UNREACHABLE",
        `The gateway at ${url} wants its token. Set PARLOR_TOKEN to the one that it was started with.`,
      );
    case 429:
      // It would go on for as long as the answers before it take: better that the person decides.
      if (problemOf(body) === "session-full") throw refused(detail);
      throw new ParlorError("GATEWAY_UNREACHABLE", detail || "it answered 429", { retryable: true });
    case 502:
    case 503:
    case 504:
      throw new ParlorError("GATEWAY_UNREACHABLE", detail || `it answered ${response.status}`, { retryable: true });
    case 404:
      throw new ParlorError("NOT_FOUND", detail || `${url} has no such route; is a gateway of this version there?`);
    case 410:
      throw new ParlorError("GONE", detail);
    default:
      if (response.status >= 400 && response.status < 500 && detail !== "") {
        throw refused(`${detail}${partsOf(body)}`);
      }
      throw new ParlorError(
        "GATEWAY_UNREACHABLE",
        `Expected the gateway at ${url} to answer with JSON; found status ${response.status}. Its log may say more.`,
      );
  }
}

function refused(detail: string): ParlorError {
  return new ParlorError("INVALID_INPUT", `The gateway refused it: ${detail}`);
}

/** The name of a problem document's kind; an empty text for what is none. */
function problemOf(body: unknown): string {
  const type: unknown = typeof body === "object" && body !== null && "type" in body ? body.type : null;
  return typeof type === "string" ? type.replace(/^urn:parlor:problem:/, "") : "";
}

/** Which parts of a request are wrong, as a problem document lists them. */
function partsOf(body: unknown): string {
  const errors: unknown = typeof body === "object" && body !== null && "errors" in body ? body.errors : null;
  if (!Array.isArray(errors)) return "";
  return errors
    .map((part: unknown) => part as { readonly path?: unknown; readonly message?: unknown })
    .map(({ path, message }) => ` ${String(path)}: ${String(message)}.`)
    .join("");
}

function broken(error: unknown): ParlorError {
  if (error instanceof ParlorError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isRefused = cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
  return new ParlorError("GATEWAY_UNREACHABLE", isRefused ? "nothing listens there" : errorMessage(cause), {
    retryable: true,
    cause: error,
  });
}
