/**
 * The two questions to the Bot API that are asked without the Chat SDK: who the bot is, and who has written
 * to it. Nothing is confirmed, so that a gateway which starts later is told of the same messages. The
 * token is part of every address, so no error here shows one.
 */
import { z } from "zod";
import { ParlorError } from "../core/errors.ts";
import { TelegramRefusal, telegramAdvice } from "./telegram-fault.ts";

export interface TelegramBotApi {
  /** Rejects with a `TelegramRefusal`, with the signal's reason, or with `PLATFORM_UNAVAILABLE` when no answer came. */
  getMe(signal: AbortSignal): Promise<BotIdentity>;
  /**
   * Who wrote what nobody has confirmed yet, up to 100 messages, the oldest first: at once when there are
   * any, otherwise after at most `holdS` seconds. Rejects like `getMe`.
   */
  getWriters(holdS: number, signal: AbortSignal): Promise<readonly TelegramWriter[]>;
}

export interface BotIdentity {
  readonly id: string;
  readonly name: string;
  readonly username: string | null;
}

/** Who wrote a message, and where. */
export interface TelegramWriter {
  readonly updateId: number;
  /** The group; null when it was a direct message. */
  readonly chat: { readonly id: string; readonly name: string | null } | null;
  readonly user: { readonly id: string; readonly name: string };
}

/** How much longer than it was asked to hold the question Telegram may take, in milliseconds. */
const GRACE_MS = 10_000;

const user = z.object({
  id: z.int(),
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});

const update = z.object({
  update_id: z.int(),
  message: z
    .object({
      from: user.optional(),
      chat: z.object({ id: z.int(), type: z.string(), title: z.string().optional() }),
    })
    .optional(),
});

const answer = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error_code: z.int(),
    description: z.string(),
    parameters: z.object({ retry_after: z.number().optional() }).optional(),
  }),
]);

export function createTelegramBot({
  token,
  apiBaseUrl,
}: {
  readonly token: string;
  readonly apiBaseUrl: string;
}): TelegramBotApi {
  async function call<T>(
    method: string,
    schema: z.ZodType<T>,
    { parameters, timeoutMs, signal }: { parameters: object; timeoutMs: number; signal: AbortSignal },
  ): Promise<T> {
    const response = await fetch(`${apiBaseUrl}/bot${token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(parameters),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => noAnswer(error, signal));
    const text = await response.text().catch((error: unknown) => noAnswer(error, signal));
    const body = answer.safeParse(parseJson(text));
    if (!body.success) throw new TelegramRefusal(response.status, "not an answer of the Bot API", null);
    if (!body.data.ok) {
      const { error_code: status, description, parameters: more } = body.data;
      throw new TelegramRefusal(status, description, more?.retry_after === undefined ? null : more.retry_after * 1_000);
    }
    const result = schema.safeParse(body.data.result);
    if (!result.success) throw new TelegramRefusal(response.status, `${method} has another form than is known`, null);
    return result.data;
  }

  return {
    getMe: async (signal) => {
      const me = await call("getMe", user, { parameters: {}, timeoutMs: GRACE_MS, signal });
      return { id: String(me.id), name: nameOf(me), username: me.username ?? null };
    },
    getWriters: async (holdS, signal) => {
      const question = { parameters: { timeout: holdS }, timeoutMs: holdS * 1_000 + GRACE_MS, signal };
      const updates = await call("getUpdates", z.array(update), question);
      return updates.flatMap(writerOf);
    },
  };
}

function writerOf({ update_id: updateId, message }: z.infer<typeof update>): TelegramWriter[] {
  if (message?.from === undefined || message.from.is_bot) return [];
  const { from, chat } = message;
  const place = chat.type === "private" ? null : { id: String(chat.id), name: chat.title ?? null };
  return [{ updateId, chat: place, user: { id: String(from.id), name: nameOf(from) } }];
}

function nameOf({ first_name: first, last_name: last, username }: z.infer<typeof user>): string {
  const name = [first, last].filter((part) => part !== undefined && part !== "").join(" ");
  return username === undefined ? name : `${name} (@${username})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Who ended the question has no use for advice. The cause is left out: it could hold the address. */
function noAnswer(error: unknown, signal: AbortSignal): never {
  signal.throwIfAborted();
  const advice = `${telegramAdvice(error)} Check the network and TELEGRAM_API_BASE_URL.`;
  throw new ParlorError("PLATFORM_UNAVAILABLE", advice, { retryable: true });
}
