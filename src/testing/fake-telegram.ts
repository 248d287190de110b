/**
 * The Bot API on loopback: a real HTTP server with Telegram's rules for what a bot that polls depends on.
 * An update is handed out again until a question with a higher offset confirms it; a second reader ends
 * the question of the first with 409; a message is at most 4,096 characters after its Markdown is read.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MarkdownV2Error, readMarkdownV2 } from "./markdown-v2.ts";

/** An update as Telegram sends it, without its number. */
export type FakeTelegramUpdate = Readonly<Record<string, unknown>>;

export type FakeTelegramAnswer =
  /** Refuses, in Telegram's form. */
  | {
      readonly status: number;
      readonly description: string;
      readonly retryAfterS?: number;
      readonly migrateToChatId?: number;
    }
  /** Does what is asked and ends the connection without an answer. */
  | "cut"
  /** Does what is asked and never answers. */
  | "hang"
  /** Ends the connection and does nothing. */
  | "reset"
  /** Never answers and does nothing: a connection of which only this half is open. */
  | "silence";

/** A message that the bot has sent, as it is seen now. */
export interface FakeTelegramMessage {
  readonly id: number;
  readonly chat: string;
  /** The topic; null for none. */
  readonly thread: string | null;
  /** As people see it. */
  readonly text: string;
}

export interface FakeTelegramOptions {
  /** Default: `4242:fake-token`. What is before the colon is the bot's id. */
  readonly token?: string;
  /** Default: `parlor_bot`. */
  readonly username?: string;
  /** How a call ends that no script says anything about; null: as usual. */
  readonly answer?: (method: string) => FakeTelegramAnswer | null;
}

export interface FakeTelegram extends AsyncDisposable {
  readonly baseUrl: string;
  readonly token: string;
  /** What the bot has sent, in order. */
  readonly sent: readonly FakeTelegramMessage[];
  /** What messages were changed into, in order. */
  readonly edits: readonly Pick<FakeTelegramMessage, "id" | "text">[];
  /** The methods that were called, in order. */
  readonly calls: readonly string[];
  /** Somebody deletes a message. */
  remove(id: number): void;
  /** An edit that was on its way for long arrives. */
  overwrite(id: number, text: string): void;
  /** How many updates are not confirmed. */
  unconfirmed(): number;
  /** What bots can fetch, by id. */
  addFile(id: string, bytes: Uint8Array): void;
  /** Adds updates. Returns the number of the last one. */
  push(...updates: readonly FakeTelegramUpdate[]): number;
  /** How the next calls of a method end, in order; after them, as usual. */
  next(method: string, ...answers: readonly FakeTelegramAnswer[]): void;
  /** Resolves as soon as the condition holds; it is asked again after every call and every confirmation. */
  until(condition: () => boolean): Promise<void>;
}

interface SendMessage {
  readonly chat_id?: string | number;
  readonly message_thread_id?: number;
  readonly text?: string;
  readonly parse_mode?: string;
}

interface EditMessage extends Pick<SendMessage, "chat_id" | "text" | "parse_mode"> {
  readonly message_id?: number;
}

interface Call {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
}

/** What Telegram answers in place of a result. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, description: string) {
    super(description);
    this.status = status;
  }
}

const MAX_UPDATES = 100;
const MAX_LENGTH = 4_096;
const SAME = "specified new message content and reply markup are exactly the same";

export async function openFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const { token = "4242:fake-token", username = "parlor_bot" } = options;
  const bot = { id: Number(token.split(":")[0]), is_bot: true, first_name: "Parlor", username };
  const waiting: { readonly id: number; readonly update: FakeTelegramUpdate }[] = [];
  const sent: FakeTelegramMessage[] = [];
  const edits: Pick<FakeTelegramMessage, "id" | "text">[] = [];
  const removed = new Set<number>();
  const calls: string[] = [];
  const files = new Map<string, Uint8Array>();
  const scripts = new Map<string, FakeTelegramAnswer[]>();
  const watchers = new Set<() => void>();
  let reading: { readonly answer: () => void; readonly conflict: () => void } | null = null;
  let lastUpdate = 1_000;

  const changed = (): void => {
    for (const watch of watchers) watch();
  };

  const getUpdates = async ({ parameters, response }: Call): Promise<unknown> => {
    const { offset = 0, timeout = 0, limit = MAX_UPDATES } = parameters as Record<string, number | undefined>;
    while (waiting[0] !== undefined && waiting[0].id < offset) waiting.shift();
    changed();
    reading?.conflict();
    reading = null;
    if (waiting.length === 0 && timeout > 0) await hold(timeout, response);
    return waiting.slice(0, limit).map(({ id, update }) => ({ update_id: id, ...update }));
  };

  /** Waits for an update, as long as it may and as somebody listens. */
  const hold = (timeoutS: number, response: ServerResponse): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void) => (): void => {
        clearTimeout(timer);
        if (reading === mine) reading = null;
        settle();
      };
      const conflict = new Refusal(409, "Conflict: terminated by other getUpdates request");
      const mine = { answer: end(resolve), conflict: end(() => reject(conflict)) };
      const timer = setTimeout(mine.answer, timeoutS * 1_000);
      response.once("close", mine.answer);
      reading = mine;
    });

  const sendMessage = ({ parameters }: Call): unknown => {
    const { chat_id: chat, message_thread_id: thread } = parameters as SendMessage;
    if (chat === undefined) throw new Refusal(400, "Bad Request: chat_id is empty");
    const shown = readText(parameters);
    const id = sent.length + 1;
    sent.push({ id, chat: String(chat), thread: thread === undefined ? null : String(thread), text: shown });
    return { message_id: id, date: 1_700_000_000, chat: { id: chat, type: "private" }, from: bot, text: shown };
  };

  const editMessageText = ({ parameters }: Call): unknown => {
    const { chat_id: chat, message_id: id = 0 } = parameters as EditMessage;
    const message = removed.has(id) ? undefined : sent[id - 1];
    if (message?.chat !== String(chat)) throw new Refusal(400, "Bad Request: message to edit not found");
    const text = readText(parameters);
    if (message.text === text) throw new Refusal(400, `Bad Request: message is not modified: ${SAME}`);
    sent[id - 1] = { ...message, text };
    edits.push({ id, text });
    return { message_id: id, date: 1_700_000_000, chat: { id: chat, type: "private" }, from: bot, text };
  };

  const getFile = ({ parameters }: Call): unknown => {
    const id = String(parameters["file_id"]);
    const bytes = files.get(id);
    if (bytes === undefined)
      throw new Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable");
    return { file_id: id, file_unique_id: id, file_size: bytes.byteLength, file_path: `files/${id}` };
  };

  const methods: Readonly<Record<string, (call: Call) => unknown>> = {
    getMe: () => bot,
    getFile,
    getUpdates,
    sendMessage,
    editMessageText,
    deleteWebhook: () => true,
    sendChatAction: () => true,
    answerCallbackQuery: () => true,
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, bearer, id = ""] = /^\/file\/bot([^/]*)\/files\/([\w-]+)$/.exec(request.url ?? "") ?? [];
    if (bearer !== undefined) {
      calls.push("file");
      const bytes = bearer === token ? files.get(id) : undefined;
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
      return;
    }
    const [, given, method = ""] = /^\/bot([^/]*)\/(\w+)$/.exec(request.url ?? "") ?? [];
    const parameters = await readBody(request);
    calls.push(method);
    try {
      if (given === undefined || !/^\d+:/.test(given)) throw new Refusal(404, "Not Found");
      if (given !== token) throw new Refusal(401, "Unauthorized");
      const run = methods[method];
      if (run === undefined) throw new Refusal(404, "Not Found: method not found");
      const script = scripts.get(method)?.shift() ?? options.answer?.(method) ?? undefined;
      if (typeof script === "object") return refuse(response, script);
      if (script === "silence") return;
      if (script === "reset") return void response.destroy();
      const result = await run({ method, parameters, response });
      if (script === "cut") response.destroy();
      else if (script === undefined) write(response, 200, { ok: true, result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, { status: error.status, description: error.message });
    } finally {
      changed();
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    sent,
    edits,
    calls,
    remove: (id) => void removed.add(id),
    overwrite: (id, text) => {
      const message = sent[id - 1];
      if (message !== undefined) sent[id - 1] = { ...message, text };
    },
    unconfirmed: () => waiting.length,
    addFile: (id, bytes) => void files.set(id, bytes),
    push: (...updates) => {
      for (const update of updates) waiting.push({ id: (lastUpdate += 1), update });
      reading?.answer();
      return lastUpdate;
    },
    next: (method, ...answers) => void scripts.set(method, [...(scripts.get(method) ?? []), ...answers]),
    until: (condition) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (!condition()) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function readText(parameters: Call["parameters"]): string {
  const { text = "", parse_mode: mode } = parameters as SendMessage;
  const shown = mode === "MarkdownV2" ? readEntities(text) : text;
  if (shown.trim() === "") throw new Refusal(400, "Bad Request: message text is empty");
  if (shown.length > MAX_LENGTH) throw new Refusal(400, "Bad Request: message is too long");
  return shown;
}

function readEntities(text: string): string {
  try {
    return readMarkdownV2(text);
  } catch (error) {
    if (!(error instanceof MarkdownV2Error)) throw error;
    throw new Refusal(400, `Bad Request: can't parse entities: ${error.message}`);
  }
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
  return (body === "" ? {} : JSON.parse(body)) as Readonly<Record<string, unknown>>;
}

function refuse(response: ServerResponse, answer: Exclude<FakeTelegramAnswer, string>): void {
  const { status, description, retryAfterS, migrateToChatId } = answer;
  const parameters = { retry_after: retryAfterS, migrate_to_chat_id: migrateToChatId };
  write(response, status, { ok: false, error_code: status, description, parameters });
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
